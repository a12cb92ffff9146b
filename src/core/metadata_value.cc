#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "core/metadata.h"

namespace seshat {
namespace {

// Units longer than this are words of a sentence ("12 micrometres per second" has blanks anyway).
constexpr size_t kMaxUnitBytes = 24;
// The largest magnitude below which every whole double is one integer only: 2^53.
constexpr double kExactDouble = 9007199254740992.0;

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";
constexpr std::string_view kNarrowNoBreakSpace = "\xE2\x80\xAF";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

size_t CountDigits(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && IsDigit(text[n])) ++n;
  return n;
}

// The number at the start of a text: [+-] digits [. digits] [e [+-] digits], or [+-] . digits …
struct NumberText {
  std::string_view digits;  // as std::from_chars takes it: no '+' in front
  bool whole = false;       // neither fraction nor exponent
  std::string_view rest;
};

std::optional<NumberText> ScanNumber(std::string_view text) {
  size_t begin = 0;
  size_t at = 0;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    at = 1;
    if (text[0] == '+') begin = 1;
  }
  const size_t before = CountDigits(text.substr(at));
  // "007" and "00.5" are names that happen to be made of digits.
  if (before > 1 && text[at] == '0') return std::nullopt;
  at += before;
  bool whole = true;
  if (at < text.size() && text[at] == '.') {
    const size_t after = CountDigits(text.substr(at + 1));
    if (after == 0) return std::nullopt;
    at += 1 + after;
    whole = false;
  } else if (before == 0) {
    return std::nullopt;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    if (const size_t count = CountDigits(text.substr(exponent)); count > 0) {
      at = exponent + count;
      whole = false;
    }
  }
  return NumberText{text.substr(begin, at - begin), whole, text.substr(at)};
}

// Symbols that may stand right behind the digits. Only these, because "12ab" is far more often an id.
bool IsKnownSymbol(std::string_view symbol) {
  static constexpr auto kPlain = std::to_array<std::string_view>(
      {"%",   "‰",   "°",   "°C",  "°F", "min", "h",   "d",   "bar", "mbar", "rpm", "ppm", "ppb", "dB",
       "dBm", "psi", "deg", "rad", "in", "ft",  "mph", "kph", "bpm", "fps",  "px",  "KiB", "MiB", "GiB",
       "TiB", "B",   "KB",  "kB",  "MB", "GB",  "TB",  "Nm",  "Ah",  "mAh",  "Wh",  "kWh"});
  static constexpr auto kWithPrefix = std::to_array<std::string_view>(
      {"m",  "g",  "s",  "A", "K",   "mol", "cd",  "Hz",  "N",  "Pa",  "J",  "W",
       "C",  "V",  "F",  "Ω", "Ohm", "ohm", "S",   "Wb",  "T",  "H",   "lm", "lx",
       "Bq", "Gy", "Sv", "L", "l",   "eV",  "bit", "bps", "VA", "sps", "SPS"});
  static constexpr auto kPrefixes =
      std::to_array<std::string_view>({"p", "n", "u", "µ", "μ", "m", "c", "d", "k", "M", "G", "T"});
  const auto is = [&](std::string_view known) { return symbol == known; };
  if (std::ranges::any_of(kPlain, is) || std::ranges::any_of(kWithPrefix, is)) return true;
  for (const auto prefix : kPrefixes) {
    if (!symbol.starts_with(prefix)) continue;
    const auto base = symbol.substr(prefix.size());
    if (std::ranges::any_of(kWithPrefix, [&](std::string_view known) { return base == known; })) return true;
  }
  return false;
}

// "m/s", "m/s²": known symbols joined by '/', '*' or '·', each perhaps squared or cubed.
bool IsKnownUnit(std::string_view unit) {
  while (true) {
    const size_t slash = unit.find_first_of("/*");
    const size_t dot = unit.find("·");
    const size_t end = std::min({slash, dot, unit.size()});
    auto symbol = unit.substr(0, end);
    for (const std::string_view power : {std::string_view("²"), std::string_view("³")})
      if (symbol.ends_with(power)) symbol.remove_suffix(power.size());
    if (!IsKnownSymbol(symbol)) return false;
    if (end == unit.size()) return true;
    unit.remove_prefix(end + (end == dot ? std::string_view("·").size() : 1));
  }
}

// One word that can name a unit: letters, '%' or something beyond ASCII first; then also digits and / * ^ + -
// . ( ).
bool IsUnitWord(std::string_view word) {
  if (word.empty() || word.size() > kMaxUnitBytes) return false;
  if (IsAscii(word[0]) && !IsLetter(word[0]) && word[0] != '%') return false;
  return std::ranges::all_of(word, [](char c) {
    return !IsAscii(c) || IsLetter(c) || IsDigit(c) ||
           std::string_view("%/*^+-.()").find(c) != std::string_view::npos;
  });
}

// What stands behind the digits: nothing, a unit, or something that makes the whole no number.
std::optional<std::string_view> ScanUnit(std::string_view rest) {
  if (rest.empty()) return rest;
  bool blank = false;
  while (!rest.empty()) {
    size_t skip = 0;
    if (IsBlank(rest.front())) skip = 1;
    if (rest.starts_with(kNoBreakSpace)) skip = kNoBreakSpace.size();
    if (rest.starts_with(kNarrowNoBreakSpace)) skip = kNarrowNoBreakSpace.size();
    if (skip == 0) break;
    rest.remove_prefix(skip);
    blank = true;
  }
  if (!IsUnitWord(rest) || (!blank && !IsKnownUnit(rest))) return std::nullopt;
  return rest;
}

void TypeAsNumber(std::string_view text, MetadataValue& value) {
  const auto scanned = ScanNumber(text);
  if (!scanned) return;
  const auto unit = ScanUnit(scanned->rest);
  if (!unit) return;
  const char* begin = scanned->digits.data();
  const char* end = begin + scanned->digits.size();
  double number = 0;
  // Too large or too small for a double: text.
  if (std::from_chars(begin, end, number).ec != std::errc{} || !std::isfinite(number)) return;
  value.number = number == 0 ? 0.0 : number;  // no negative zero
  value.unit = *unit;
  if (int64_t integer = 0; scanned->whole) {
    if (std::from_chars(begin, end, integer).ec == std::errc{}) value.integer = integer;
  } else if (std::fabs(number) <= kExactDouble && number == std::trunc(number)) {
    value.integer = static_cast<int64_t>(number);
  }
}

// The forms of RFC 3339 with 'T' or a blank, and the same without seconds, zone or time of day: then UTC.
void TypeAsDate(std::string_view text, MetadataValue& value) {
  constexpr size_t kDay = 10;      // 2021-04-21
  constexpr size_t kMinute = 16;   // 2021-04-21 06:30
  constexpr size_t kSecond = 19;   // 2021-04-21 06:30:58
  constexpr size_t kLongest = 64;  // any number of fraction digits is allowed; this many make sense
  if (text.size() < kDay || text.size() > kLongest || !IsDigit(text[0]) || text[4] != '-' || text[7] != '-')
    return;
  std::string full(text);
  if (text.size() == kDay) full += "T00:00:00Z";
  if (text.size() == kMinute) full += ":00Z";
  if (text.size() >= kSecond && text.find_first_not_of("0123456789.", kSecond) == std::string_view::npos)
    full += 'Z';
  if (const auto time = ParseTimestamp(full)) value.date = *time;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(
      text, lower, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

void TypeAsBoolean(std::string_view text, MetadataValue& value) {
  constexpr size_t kLongest = 5;  // "false"
  if (text.size() > kLongest) return;
  for (const std::string_view word : {"true", "yes", "on"})
    if (EqualsIgnoringCase(text, word)) value.boolean = true;
  for (const std::string_view word : {"false", "no", "off"})
    if (EqualsIgnoringCase(text, word)) value.boolean = false;
}

}  // namespace

MetadataValue TypeValue(std::string_view text) {
  MetadataValue value;
  value.text = text;
  const auto trimmed = Trim(text);
  if (trimmed.empty()) return value;
  TypeAsNumber(trimmed, value);
  if (!value.number) TypeAsDate(trimmed, value);
  if (!value.number) TypeAsBoolean(trimmed, value);
  return value;
}

}  // namespace seshat
