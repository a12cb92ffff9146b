// One value against one literal: what the comparisons of a query mean.
//
//   numbers  A literal without a unit compares with every number as it is written, one with a unit with numbers
//            of its family by canonical numbers (units.h); a number without a unit takes the unit of the other
//            side. Two integers that are compared as written compare exactly, other numbers as doubles.
//   dates    A date without time of day ("2026-11-23") means the whole day: equal to every time in it, "<=" to
//            its end, ">" after it; a date to the minute likewise.
//   texts    kEqual without regard to case (FoldCase), kExactly byte for byte; they have no order.
#pragma once

#include <optional>

#include "core/metadata.h"
#include "core/query.h"

namespace seshat {

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

}  // namespace seshat
