#include "core/metadata/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <unordered_map>

namespace seshat::metadata {
namespace {

enum class Takes { kPlain, kPrefixed, kApart };
using enum Takes;

struct Unit {
  std::string_view symbol;
  std::string_view family;
  long double factor = 1;
  long double offset = 0;  // added before the factor
  Takes takes = kPlain;
};

// clang-format off
constexpr Unit kUnits[] = {
#include "core/metadata/units_table.inc"
};
// clang-format on

struct Prefix {
  std::string_view symbol;
  long double factor;
};
// Both code points that look like µ.
constexpr Prefix kPrefixes[] = {{"p", 1e-12L}, {"n", 1e-9L}, {"u", 1e-6L}, {"\u00B5", 1e-6L}, {"\u03BC", 1e-6L},
                                {"m", 1e-3L},  {"c", 1e-2L}, {"d", 1e-1L}, {"k", 1e3L},       {"K", 1e3L},
                                {"M", 1e6L},   {"G", 1e9L},  {"T", 1e12L}};

struct Meaning {
  std::string_view family;
  long double factor = 1;
  long double offset = 0;
};

struct Symbol {
  std::vector<Meaning> meanings;
  bool behind_digits = true;
};

using Symbols = std::unordered_map<std::string, Symbol>;

// Symbols as they stand in the table come before those that a prefix makes ("min" is no milli-inch).
Symbols MakeSymbols() {
  Symbols symbols;
  for (const auto& unit : kUnits) {
    auto& symbol = symbols[std::string(unit.symbol)];
    symbol.meanings.push_back({unit.family, unit.factor, unit.offset});
    symbol.behind_digits &= unit.takes != kApart;
  }
  for (const auto& unit : kUnits) {
    if (unit.takes != kPrefixed) continue;
    for (const auto& prefix : kPrefixes)
      symbols.try_emplace(fmt::format("{}{}", prefix.symbol, unit.symbol),
                          Symbol{{{unit.family, unit.factor * prefix.factor, unit.offset / prefix.factor}}, true});
  }
  return symbols;
}

const Symbol* Find(std::string_view unit) {
  static const Symbols symbols = MakeSymbols();
  const auto found = symbols.find(std::string(unit));
  return found == symbols.end() ? nullptr : &found->second;
}

// To so many digits that all ways of writing one quantity are one number, and few enough that the error of a
// conversion (a few units of the 16th) is gone. Monotone, so orderings never turn around.
double ToFifteenDigits(double number) {
  char digits[32];
  const auto end = fmt::format_to_n(digits, std::size(digits), "{:.14e}", number);
  double rounded = number;
  std::from_chars(digits, digits + end.size, rounded);
  return std::isfinite(rounded) ? 0.0 + rounded : number;
}

double Canonical(double number, const Meaning& meaning) {
  long double value = (static_cast<long double>(number) + meaning.offset) * meaning.factor;
  // A difference of large numbers has no more digits than they had.
  constexpr long double kNano = 1e9L;
  if (meaning.offset != 0) value = std::nearbyint(value * kNano) / kNano;
  // Beyond a double: the largest one, which every engine can keep.
  constexpr long double kMaxDouble = std::numeric_limits<double>::max();
  return ToFifteenDigits(static_cast<double>(std::clamp(value, -kMaxDouble, kMaxDouble)));
}

}  // namespace

std::vector<NumberReading> ReadingsOf(const MetadataValue& value) {
  if (!value.number) return {};
  if (value.unit.empty()) return {{"", *value.number}};
  const auto* symbol = Find(value.unit);
  if (symbol == nullptr) return {{"unit:" + value.unit, *value.number}};
  std::vector<NumberReading> readings;
  for (const auto& meaning : symbol->meanings)
    readings.push_back({std::string(meaning.family), Canonical(*value.number, meaning)});
  return readings;
}

double SortNumber(const MetadataValue& value) {
  const auto* symbol = value.unit.empty() ? nullptr : Find(value.unit);
  return symbol == nullptr ? *value.number : Canonical(*value.number, symbol->meanings.front());
}

bool IsBaseUnit(std::string_view unit) {
  const auto* symbol = Find(unit);
  if (symbol == nullptr) return true;
  const auto& usual = symbol->meanings.front();
  return usual.factor == 1 && usual.offset == 0;
}

std::optional<double> ConvertNumber(const MetadataValue& value, std::string_view unit) {
  if (!value.number) return std::nullopt;
  if (value.unit == unit || (value.unit.empty() && IsBaseUnit(unit))) return value.number;
  const auto* to = Find(unit);
  if (value.unit.empty()) {
    const auto& target = to->meanings.front();
    return ToFifteenDigits(static_cast<double>(*value.number / target.factor - target.offset));
  }
  const auto* from = Find(value.unit);
  if (from == nullptr || to == nullptr) return std::nullopt;
  for (const auto& source : from->meanings)
    for (const auto& target : to->meanings) {
      if (source.family != target.family) continue;
      const long double canonical = Canonical(*value.number, source);
      return ToFifteenDigits(static_cast<double>(canonical / target.factor - target.offset));
    }
  return std::nullopt;
}

bool IsUnitSymbol(std::string_view symbol) {
  const auto* found = Find(symbol);
  return found != nullptr && found->behind_digits;
}

std::string_view FamilyOf(std::string_view unit) {
  const auto* found = Find(unit);
  return found == nullptr ? std::string_view() : found->meanings.front().family;
}

}  // namespace seshat::metadata
