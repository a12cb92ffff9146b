#include "core/query/query_limits.h"

#include <fmt/format.h>

#include "core/query/text_match.h"

namespace seshat::query {
namespace {

constexpr double kMaxBoost = 1000;
constexpr int kMaxEdits = 2;

class Checker {
 public:
  Status Check(const Query& query, size_t depth) {
    if (depth > kMaxQueryDepth)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("the query is nested deeper than {} levels: search in two steps", kMaxQueryDepth));
    if (!(query.boost > 0 && query.boost <= kMaxBoost))
      return Fail(ErrorCode::kInvalidArgument, "a boost ('^') is a number above 0 and at most 1000");
    if (const auto* all = std::get_if<AllOf>(&query.node)) return CheckAll(all->clauses, depth);
    if (const auto* any = std::get_if<AnyOf>(&query.node)) return CheckAll(any->clauses, depth);
    if (const auto* negation = std::get_if<Not>(&query.node)) {
      if (negation->clause.size() != 1) return Fail(ErrorCode::kInvalidArgument, "a negation needs exactly one clause");
      return Check(negation->clause[0], depth + 1);
    }
    if (++clauses_ > kMaxQueryClauses)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("the query has more than {} clauses: split it", kMaxQueryClauses));
    if (const auto* text = std::get_if<Text>(&query.node)) return CheckText(*text);
    return {};
  }

 private:
  Status CheckAll(const std::vector<Query>& clauses, size_t depth) {
    for (const auto& clause : clauses) SESHAT_TRY(Check(clause, depth + 1));
    return {};
  }

  static Status CheckText(const Text& text) {
    if (text.match == TextMatch::kFuzzy && text.distance > kMaxEdits)
      return Fail(ErrorCode::kInvalidArgument, "a fuzzy word allows at most 2 edits ('word~2')");
    if (text.match != TextMatch::kRegex) return {};
    SESHAT_TRY(TextMatcher::Make(text));
    return {};
  }

  size_t clauses_ = 0;
};

}  // namespace

Status CheckQuery(const Query& query) { return Checker().Check(query, 1); }

}  // namespace seshat::query
