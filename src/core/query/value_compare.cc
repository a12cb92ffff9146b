#include "core/query/value_compare.h"

#include <algorithm>
#include <cmath>

#include "core/metadata/text_fold.h"
#include "core/metadata/units.h"

namespace seshat::query {
namespace {

int Sign(auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; }

std::optional<int> CompareAsWritten(const MetadataValue& value, const MetadataValue& literal) {
  if (std::isnan(*value.number) || std::isnan(*literal.number)) return std::nullopt;
  if (value.integer && literal.integer) return Sign(*value.integer, *literal.integer);
  return Sign(*value.number, *literal.number);
}

// One reading of `value`. Nothing where the two cannot be compared.
std::optional<int> CompareNumbers(const MetadataValue& value, const NumberReading& reading,
                                  const MetadataValue& literal) {
  if (!literal.number) return std::nullopt;
  if (literal.unit.empty()) return CompareAsWritten(value, literal);
  if (reading.family.empty()) {
    if (metadata::IsBaseUnit(literal.unit)) return CompareAsWritten(value, literal);
    return Sign(*value.number, metadata::SortNumber(literal));
  }
  for (const auto& other : metadata::ReadingsOf(literal))
    if (other.family == reading.family) return Sign(reading.canonical, other.canonical);
  return std::nullopt;
}

// -1: before the literal's span; 0: in it; 1: after it.
std::optional<int> CompareDates(const MetadataValue& value, const MetadataValue& literal) {
  const auto span = SpanOfDate(literal);
  if (!value.date || !span) return std::nullopt;
  return *value.date < span->first ? -1 : *value.date > span->last ? 1 : 0;
}

bool Ordered(std::optional<int> order, CompareOp op) {
  if (!order) return false;
  switch (op) {
    case CompareOp::kLess:
      return *order < 0;
    case CompareOp::kLessOrEqual:
      return *order <= 0;
    case CompareOp::kGreater:
      return *order > 0;
    case CompareOp::kGreaterOrEqual:
      return *order >= 0;
    case CompareOp::kEqual:
    case CompareOp::kExactly:
      return *order == 0;
  }
  return false;
}

}  // namespace

std::optional<TimeSpan> SpanOfDate(const MetadataValue& literal) {
  if (!literal.date) return std::nullopt;
  constexpr size_t kDay = 10;     // 2026-11-23
  constexpr size_t kMinute = 16;  // 2026-11-23T05:50
  std::string_view text = literal.text;
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  std::chrono::nanoseconds length{1};
  if (text.size() == kDay) length = std::chrono::days{1};
  if (text.size() == kMinute) length = std::chrono::minutes{1};
  // The last day there is ends before its end.
  const auto room = Timestamp::max() - *literal.date;
  return TimeSpan{*literal.date, *literal.date + std::min(length - std::chrono::nanoseconds{1}, room)};
}

bool Satisfies(const MetadataValue& value, CompareOp op, const MetadataValue& literal) {
  if (op == CompareOp::kExactly) return value.text == literal.text;
  if (op == CompareOp::kEqual && metadata::FoldCase(value.text) == metadata::FoldCase(literal.text)) return true;
  return SatisfiesTyped(value, op, literal);
}

bool SatisfiesTyped(const MetadataValue& value, CompareOp op, const MetadataValue& literal) {
  return Ordered(CompareDates(value, literal), op) ||
         std::ranges::any_of(metadata::ReadingsOf(value), [&](const NumberReading& reading) {
           return Ordered(CompareNumbers(value, reading, literal), op);
         });
}

bool IsWithin(const MetadataValue& value, const std::optional<Bound>& low, const std::optional<Bound>& high) {
  const auto inside = [&](const auto& compare) {
    return (!low || Ordered(compare(low->value), low->inclusive ? CompareOp::kGreaterOrEqual : CompareOp::kGreater)) &&
           (!high || Ordered(compare(high->value), high->inclusive ? CompareOp::kLessOrEqual : CompareOp::kLess));
  };
  if (value.date && inside([&](const MetadataValue& bound) { return CompareDates(value, bound); })) return true;
  return std::ranges::any_of(metadata::ReadingsOf(value), [&](const NumberReading& reading) {
    return inside([&](const MetadataValue& bound) { return CompareNumbers(value, reading, bound); });
  });
}

}  // namespace seshat::query
