// Units of measurement: which belong together, and what a number in one is in another. docs/formats/values.md
// lists them.
//
// Numbers compare within a family ("500 mV" is below "1 V", "25 °C" equals "77 °F") by their canonical number:
// in the family's base unit, rounded to 15 significant digits (temperatures to 1e-9 °C as well), so that 3.3 V
// and 3300 mV are equal. One function computes it for values and for literals; orderings and equality are those
// of the resulting doubles.
//
// How an index uses it: for each value that is a number it keeps a row for each of ReadingsOf(value), with the
// number as written, the integer, the family and the canonical number. A literal without a unit then compares
// with the number as written of every row. A literal with a unit compares, for each of its own readings, with the
// canonical number of rows of that reading's family; and with the number as written of rows without a family:
// itself as written where IsBaseUnit, otherwise its SortNumber. Both bounds of a range look at one row.
//
// All functions are pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/metadata/metadata.h"

namespace seshat::metadata {

// One way to read a number.
struct NumberReading {
  // "voltage"; for a unit that is not known "unit:" and the unit as written; empty for a number without a unit.
  std::string family;
  double canonical = 0;
  bool operator==(const NumberReading&) const = default;
};

// No reading for what is no number; two for a unit with two meanings ("m" is metre and minute). The first is
// the usual one.
std::vector<NumberReading> ReadingsOf(const MetadataValue& value);

// Where a number stands among others when sessions are sorted: the canonical number of its first reading.
// Precondition: value.number.
double SortNumber(const MetadataValue& value);

// True where a number without a unit is as if it had this one: seconds, volts, bytes, °C, and every unit that is
// not in the table.
bool IsBaseUnit(std::string_view unit);

// What a number is in another unit, rounded like canonical numbers: nothing where no family has both. One without
// a unit is in the base unit.
std::optional<double> ConvertNumber(const MetadataValue& value, std::string_view unit);

// True for a symbol of the table, with or without a prefix, that may stand right behind the digits ("25°C").
bool IsUnitSymbol(std::string_view symbol);

// "voltage"; the first of several; empty where the unit is not known.
std::string_view FamilyOf(std::string_view unit);

}  // namespace seshat::metadata

namespace seshat {
using metadata::NumberReading;
}  // namespace seshat
