// One value against one literal: what the comparisons of a query mean.
//
//   numbers  A literal without a unit compares with every number as it is written: whoever typed it has seen the
//            values. One with a unit compares with numbers of its family by canonical numbers (units.h), and with
//            numbers without a unit as if those were in the base unit: `duration_s > 10min` finds 900. Two
//            integers that are compared as written compare exactly, other numbers as doubles.
//   dates    A date without time of day ("2026-11-23") means the whole day: equal to every time in it, "<=" to
//            its end, ">" after it; a date to the minute likewise.
//   texts    kEqual without regard to case (FoldCase), kExactly byte for byte; they have no order.
#pragma once

#include <optional>

#include "core/metadata/metadata.h"
#include "core/query/query.h"

namespace seshat::query {

bool Satisfies(const MetadataValue& value, CompareOp op, const MetadataValue& literal);
// The same by numbers and dates only, whatever the texts.
bool SatisfiesTyped(const MetadataValue& value, CompareOp op, const MetadataValue& literal);
// Both bounds in one reading of the value; without bounds: any number or date.
bool IsWithin(const MetadataValue& value, const std::optional<Bound>& low, const std::optional<Bound>& high);

// First and last nanosecond that a date literal means; nothing where it is no date.
struct TimeSpan {
  Timestamp first{};
  Timestamp last{};
};
std::optional<TimeSpan> SpanOfDate(const MetadataValue& literal);

}  // namespace seshat::query

namespace seshat {
using query::TimeSpan;
}  // namespace seshat
