#include "adapters/opensearch/value_clauses.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "adapters/opensearch/index_terms.h"
#include "core/base/utf8.h"
#include "core/metadata/units.h"
#include "core/query/value_compare.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

bj::string_view View(std::string_view text) { return {text.data(), text.size()}; }

template <typename T>
bj::object Ordered(std::string_view field, CompareOp op, T value) {
  bj::object bounds;
  switch (op) {
    case CompareOp::kLess:
      bounds["lt"] = value;
      break;
    case CompareOp::kLessOrEqual:
      bounds["lte"] = value;
      break;
    case CompareOp::kGreater:
      bounds["gt"] = value;
      break;
    case CompareOp::kGreaterOrEqual:
      bounds["gte"] = value;
      break;
    case CompareOp::kEqual:
    case CompareOp::kExactly:
      bounds["gte"] = value;
      bounds["lte"] = value;
      break;
  }
  return {{"range", {{View(field), std::move(bounds)}}}};
}

// One side of a comparison or range.
struct Condition {
  CompareOp op;
  const MetadataValue& literal;
};

// Two integers compare exactly, other numbers as doubles.
bj::object AsWritten(const Condition& condition) {
  const auto& literal = condition.literal;
  auto as_double = Ordered("meta.n", condition.op, *literal.number);
  if (!literal.integer) return as_double;
  auto others = AllOfClauses({std::move(as_double), NoneOfClauses({ExistsClause("meta.i")})});
  return AnyOfClauses({Ordered("meta.i", condition.op, *literal.integer), std::move(others)});
}

// Where the index has a reading of a number.
struct ReadingFields {
  std::string_view family;
  std::string_view canonical;
};
constexpr ReadingFields kReadings[] = {{"meta.q", "meta.c"}, {"meta.q2", "meta.c2"}};

bj::object OfReading(const ReadingFields& reading, const Condition& condition) {
  if (condition.literal.unit.empty()) return AsWritten(condition);
  bj::array either;
  // A number without a unit is in the base unit.
  either.push_back(AllOfClauses({TermClause(reading.family, ""),
                                 metadata::IsBaseUnit(condition.literal.unit)
                                     ? AsWritten(condition)
                                     : Ordered("meta.n", condition.op, metadata::SortNumber(condition.literal))}));
  for (const auto& other : metadata::ReadingsOf(condition.literal))
    either.push_back(AllOfClauses({TermClause(reading.family, SafeTerm(other.family)),
                                   Ordered(reading.canonical, condition.op, other.canonical)}));
  return AnyOfClauses(std::move(either));
}

// All conditions in one reading.
bj::object NumberClause(const std::vector<Condition>& conditions) {
  const bool any_unit = std::ranges::any_of(conditions, [](const auto& c) { return !c.literal.unit.empty(); });
  bj::array either;
  for (const auto& reading : kReadings) {
    bj::array all;
    for (const auto& condition : conditions) all.push_back(OfReading(reading, condition));
    either.push_back(AllOfClauses(std::move(all)));
    if (!any_unit) break;  // as written, every reading is alike
  }
  return AnyOfClauses(std::move(either));
}

bj::object DateClause(const Condition& condition) {
  const auto span = *query::SpanOfDate(condition.literal);
  const int64_t first = span.first.time_since_epoch().count();
  const int64_t last = span.last.time_since_epoch().count();
  switch (condition.op) {
    case CompareOp::kLess:
    case CompareOp::kGreaterOrEqual:
      return Ordered("meta.e", condition.op, first);
    case CompareOp::kLessOrEqual:
    case CompareOp::kGreater:
      return Ordered("meta.e", condition.op, last);
    case CompareOp::kEqual:
    case CompareOp::kExactly:
      break;
  }
  return {{"range", {{"meta.e", {{"gte", first}, {"lte", last}}}}}};
}

// What is not a number has no order among numbers, and so with dates.
bj::object TypedClauses(const std::vector<Condition>& conditions) {
  bj::array either;
  if (std::ranges::all_of(conditions, [](const auto& c) { return c.literal.number.has_value(); }))
    either.push_back(NumberClause(conditions));
  if (std::ranges::all_of(conditions, [](const auto& c) { return c.literal.date.has_value(); })) {
    bj::array all;
    for (const auto& condition : conditions) all.push_back(DateClause(condition));
    either.push_back(AllOfClauses(std::move(all)));
  }
  if (either.empty()) return MatchNone();
  if (either.size() == 1) return either[0].as_object();
  return AnyOfClauses(std::move(either));
}

bj::object Bool(std::string_view kind, bj::array clauses) {
  bj::object inner{{View(kind), std::move(clauses)}};
  if (kind == "should") inner["minimum_should_match"] = 1;
  return {{"bool", std::move(inner)}};
}

}  // namespace

bj::object MatchNone() { return {{"match_none", bj::object()}}; }
bj::object MatchEverything() { return {{"match_all", bj::object()}}; }
bj::object AllOfClauses(bj::array clauses) { return Bool("filter", std::move(clauses)); }
bj::object AnyOfClauses(bj::array clauses) { return Bool("should", std::move(clauses)); }
bj::object NoneOfClauses(bj::array clauses) { return Bool("must_not", std::move(clauses)); }

bj::object TermClause(std::string_view field, std::string_view term) { return {{"term", {{View(field), View(term)}}}}; }

bj::object ExistsClause(std::string_view field) { return {{"exists", {{"field", View(field)}}}}; }

bj::object TypedClause(CompareOp op, const MetadataValue& literal) { return TypedClauses({{op, literal}}); }

bj::object RangeClause(const std::optional<Bound>& low, const std::optional<Bound>& high) {
  if (!low && !high) return AnyOfClauses({ExistsClause("meta.n"), ExistsClause("meta.e")});
  std::vector<Condition> conditions;
  if (low) conditions.push_back({low->inclusive ? CompareOp::kGreaterOrEqual : CompareOp::kGreater, low->value});
  if (high) conditions.push_back({high->inclusive ? CompareOp::kLessOrEqual : CompareOp::kLess, high->value});
  return TypedClauses(conditions);
}

bj::object NumbersOfUnit(const std::string& unit) {
  if (unit.empty()) return ExistsClause("meta.n");
  MetadataValue one;
  one.number = 1;
  one.unit = unit;
  bj::array either{TermClause("meta.q", "")};
  for (const auto& reading : metadata::ReadingsOf(one))
    for (const auto& fields : kReadings) either.push_back(TermClause(fields.family, SafeTerm(reading.family)));
  return AnyOfClauses(std::move(either));
}

std::string SafeTerm(std::string_view text) {
  if (!IsValidUtf8(text)) return std::string(1, kHashMark) + "not UTF-8";
  return TextTerm(text);
}

}  // namespace seshat::opensearch
