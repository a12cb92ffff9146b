#include "adapters/opensearch/query_compiler.h"

#include <boost/json.hpp>
#include <utility>

#include "adapters/opensearch/index_terms.h"
#include "adapters/opensearch/text_clauses.h"
#include "adapters/opensearch/value_clauses.h"
#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"
#include "core/query/document_fields.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

bj::object TermsClause(std::string_view field, std::span<const std::string> texts) {
  bj::array terms;
  for (const auto& text : texts) terms.emplace_back(SafeTerm(text));
  return {{"terms", {{bj::string_view(field.data(), field.size()), std::move(terms)}}}};
}

class Compiler {
 public:
  Compiler(const FieldAliases& aliases, const CompileOptions& options)
      : aliases_(aliases), scored_(options.scored), engine_patterns_(options.engine_patterns) {}

  // `positive`: under an even number of negations. What is not exact finds too much there, and too little elsewhere,
  // so that the whole never finds too little.
  bj::object Node(const Query& query, bool positive) {
    auto out = std::visit([&](const auto& node) { return Clause(node, positive); }, query.node);
    if (!scored_ || query.boost == 1.0) return out;
    return {{"bool", {{"must", bj::array{std::move(out)}}, {"boost", query.boost}}}};
  }

  CompiledQuery Finish(const Query& query) {
    auto clause = Node(query, true);
    if (!scored_) clause = AllOfClauses({std::move(clause)});
    out_.text = bj::serialize(clause);
    return std::move(out_);
  }

 private:
  bj::object Clause(const MatchAll&, bool) { return MatchEverything(); }

  bj::object Clause(const AllOf& node, bool positive) {
    if (node.clauses.empty()) return MatchEverything();
    bj::array clauses;
    for (const auto& clause : node.clauses) clauses.push_back(Node(clause, positive));
    if (scored_) return {{"bool", {{"must", std::move(clauses)}}}};
    return AllOfClauses(std::move(clauses));
  }

  bj::object Clause(const AnyOf& node, bool positive) {
    if (node.clauses.empty()) return MatchNone();
    bj::array clauses;
    for (const auto& clause : node.clauses) clauses.push_back(Node(clause, positive));
    return AnyOfClauses(std::move(clauses));
  }

  bj::object Clause(const Not& node, bool positive) { return NoneOfClauses({Node(node.clause[0], !positive)}); }

  bj::object Clause(const Compare& node, bool) {
    const auto group = aliases_.Group(node.field);
    if (node.op == CompareOp::kExactly) return Nested(group, TermClause("meta.x", SafeTerm(node.value.text)));
    if (node.op != CompareOp::kEqual) return Nested(group, TypedClause(node.op, node.value));
    bj::array either;
    const auto folded = metadata::FoldCase(node.value.text);
    for (const auto& field : group)
      if (IsValidUtf8(field) && IsValidUtf8(folded)) either.push_back(TermClause("kv", PairTerm(field, folded)));
    if (node.value.number || node.value.date) either.push_back(Nested(group, TypedClause(node.op, node.value)));
    return either.empty() ? MatchNone() : AnyOfClauses(std::move(either));
  }

  bj::object Clause(const Range& node, bool) {
    return Nested(aliases_.Group(node.field), RangeClause(node.low, node.high));
  }

  bj::object Clause(const Exists& node, bool) { return TermsClause("keys", aliases_.Group(node.field)); }

  bj::object Clause(const Text& node, bool positive) {
    const auto clauses = CompileText(node, engine_patterns_);
    if (!clauses.exact) {
      out_.exact = false;
      if (!positive) return MatchNone();
    }
    return node.field ? OfField(clauses, aliases_.Group(*node.field), positive) : OfAnyField(clauses, positive);
  }

  bj::object OfField(const TextClauses& clauses, const std::vector<std::string>& group, bool positive) {
    if (clauses.exists) return TermsClause("keys", group);
    if (!clauses.value) return MatchNone();
    auto found = Nested(group, *clauses.value);
    if (!clauses.looks_at_wholes) return found;
    for (const auto& field : group) out_.doubtful_fields.push_back(SafeTerm(field));
    return WithDoubt(std::move(found), TermsClause("long", group), positive);
  }

  bj::object OfAnyField(const TextClauses& clauses, bool positive) {
    if (clauses.exists) return MatchEverything();  // every session has an id, which is a text
    bj::array either;
    if (clauses.root) either.push_back(*clauses.root);
    if (clauses.looks_at_wholes && clauses.whole) {
      either.push_back(InNested({TermAnywhere(), *clauses.whole}));
      either.push_back(*clauses.name);
    }
    if (either.empty()) return MatchNone();
    auto found = either.size() == 1 ? either[0].as_object() : AnyOfClauses(std::move(either));
    if (!clauses.looks_at_wholes) return found;
    out_.doubtful_everywhere = true;
    return WithDoubt(std::move(found), ExistsClause("long"), positive);
  }

  static bj::object WithDoubt(bj::object found, bj::object doubt, bool positive) {
    if (positive) return AnyOfClauses({std::move(found), std::move(doubt)});
    return AllOfClauses({std::move(found), NoneOfClauses({std::move(doubt)})});
  }

  static bj::object TermAnywhere() { return {{"term", {{"meta.a", true}}}}; }

  bj::object Nested(std::span<const std::string> group, bj::object predicate) const {
    return InNested({TermsClause("meta.k", group), std::move(predicate)});
  }

  // The last of the clauses is the one that is scored.
  bj::object InNested(bj::array clauses) const {
    bj::object inner;
    if (scored_) {
      bj::array must{std::move(clauses.back())};
      clauses.pop_back();
      inner = {{"bool", {{"filter", std::move(clauses)}, {"must", std::move(must)}}}};
    } else {
      inner = AllOfClauses(std::move(clauses));
    }
    return {{"nested", {{"path", "meta"}, {"score_mode", scored_ ? "max" : "none"}, {"query", std::move(inner)}}}};
  }

  const FieldAliases& aliases_;
  bool scored_;
  bool engine_patterns_;
  CompiledQuery out_;
};

}  // namespace

CompiledQuery Compile(const Query& query, const FieldAliases& aliases, const CompileOptions& options) {
  return Compiler(aliases, options).Finish(query);
}

std::string FieldFilter(std::span<const std::string> group) { return bj::serialize(TermsClause("meta.k", group)); }

std::string RangeFilter(const std::optional<Bound>& low, const std::optional<Bound>& high) {
  return bj::serialize(RangeClause(low, high));
}

std::string AxisFilter(const HistogramRequest& histogram) {
  if (histogram.of == HistogramRequest::Of::kDates) return bj::serialize(ExistsClause("meta.e"));
  return bj::serialize(NumbersOfUnit(histogram.unit));
}

std::string ExistsFilter(std::span<const std::string> group) { return bj::serialize(TermsClause("keys", group)); }

}  // namespace seshat::opensearch
