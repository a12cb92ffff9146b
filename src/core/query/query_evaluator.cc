#include "core/query/query_evaluator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/query/document_fields.h"
#include "core/query/query_limits.h"
#include "core/query/text_match.h"

namespace seshat::query {
namespace {

struct Visitor {
  const std::vector<FieldValue>& values;
  const FieldAliases& aliases;

  bool AnyValueOf(std::string_view field, const auto& predicate) const {
    return std::ranges::any_of(ValuesOf(values, aliases.Group(field)), predicate);
  }

  bool Evaluate(const Query& query) const { return std::visit(*this, query.node); }

  bool operator()(const MatchAll&) const { return true; }
  bool operator()(const AllOf& node) const {
    return std::ranges::all_of(node.clauses, [&](const Query& q) { return Evaluate(q); });
  }
  bool operator()(const AnyOf& node) const {
    return std::ranges::any_of(node.clauses, [&](const Query& q) { return Evaluate(q); });
  }
  bool operator()(const Not& node) const { return !Evaluate(node.clause[0]); }
  bool operator()(const Compare& node) const {
    return AnyValueOf(node.field, [&](const MetadataValue& v) { return Satisfies(v, node.op, node.value); });
  }
  bool operator()(const Range& node) const {
    return AnyValueOf(node.field, [&](const MetadataValue& v) { return IsWithin(v, node.low, node.high); });
  }
  bool operator()(const Exists& node) const {
    return AnyValueOf(node.field, [](const MetadataValue&) { return true; });
  }
  bool operator()(const Text& node) const {
    const auto matcher = TextMatcher::Make(node);
    if (!matcher) return false;  // checked when the evaluator was made
    const auto matches = [&](const MetadataValue& v) { return matcher->MatchesValue(v.text); };
    if (node.field) return AnyValueOf(*node.field, matches);
    return std::ranges::any_of(values,
                               [&](const FieldValue& v) { return IsFullText(v.kind, v.field) && matches(v.value); });
  }
};

}  // namespace

Result<QueryEvaluator> QueryEvaluator::Make(Query query, FieldAliases aliases) {
  SESHAT_TRY(CheckQuery(query));
  return QueryEvaluator(std::move(query), std::move(aliases));
}

bool QueryEvaluator::Matches(const SessionDocument& document) const {
  const auto values = FieldValues(document);
  return Visitor{values, aliases_}.Evaluate(query_);
}

}  // namespace seshat::query
