#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>

#include "core/metadata/metadata.h"
#include "core/metadata/units.h"

namespace seshat::metadata {
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

// Only these may stand right behind the digits, because "12ab" is far more often an id. "kg·m/s²": symbols
// joined by '/', '*' or '·', each perhaps squared or cubed.
bool IsKnownUnit(std::string_view unit) {
  if (IsUnitSymbol(unit)) return true;
  while (true) {
    const size_t slash = unit.find_first_of("/*");
    const size_t dot = unit.find("·");
    const size_t end = std::min({slash, dot, unit.size()});
    auto symbol = unit.substr(0, end);
    for (const std::string_view power : {std::string_view("²"), std::string_view("³")})
      if (symbol.ends_with(power)) symbol.remove_suffix(power.size());
    if (!IsUnitSymbol(symbol)) return false;
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
    return !IsAscii(c) || IsLetter(c) || IsDigit(c) || std::string_view("%/*^+-.()").find(c) != std::string_view::npos;
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

void SetNumber(double number, MetadataValue& value) {
  value.number = number == 0 ? 0.0 : number;  // no negative zero
  if (std::fabs(number) <= kExactDouble && number == std::trunc(number)) value.integer = static_cast<int64_t>(number);
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
  SetNumber(number, value);
  value.unit = *unit;
  if (!scanned->whole) return;
  value.integer.reset();
  if (int64_t integer = 0; std::from_chars(begin, end, integer).ec == std::errc{}) value.integer = integer;
}

struct TimeUnit {
  std::string_view name;
  double seconds;
};
constexpr TimeUnit kTimeUnits[] = {{"days", 86400}, {"day", 86400}, {"d", 86400}, {"hours", 3600}, {"hour", 3600},
                                   {"hrs", 3600},   {"hr", 3600},   {"h", 3600},  {"minutes", 60}, {"minute", 60},
                                   {"mins", 60},    {"min", 60},    {"ms", 1e-3}, {"m", 60},       {"seconds", 1},
                                   {"second", 1},   {"secs", 1},    {"sec", 1},   {"s", 1}};

// "1h30m", "1 h 30 min 5.5 s": two or more whole numbers (the last may have a fraction), each of a smaller unit.
void TypeAsDuration(std::string_view text, MetadataValue& value) {
  const double sign = text.starts_with('-') ? -1 : 1;
  if (sign < 0) text.remove_prefix(1);
  double total = 0;
  double last = std::numeric_limits<double>::infinity();
  int parts = 0;
  for (bool whole = true; !text.empty(); ++parts) {
    constexpr size_t kMaxDigits = 15;
    // "1h05m"
    if (parts > 0 && text.size() > 1 && text[0] == '0' && IsDigit(text[1])) text.remove_prefix(1);
    const auto scanned = ScanNumber(text);
    if (!scanned || !IsDigit(text[0]) || !whole || scanned->digits.size() > kMaxDigits) return;
    whole = scanned->whole;
    double count = 0;
    std::from_chars(scanned->digits.data(), scanned->digits.data() + scanned->digits.size(), count);
    text = Trim(scanned->rest);
    size_t letters = 0;
    while (letters < text.size() && IsLetter(text[letters])) ++letters;
    const auto* unit = std::ranges::find(kTimeUnits, text.substr(0, letters), &TimeUnit::name);
    if (unit == std::end(kTimeUnits) || unit->seconds >= last) return;
    last = unit->seconds;
    total += count * last;
    text = Trim(text.substr(letters));
  }
  if (parts < 2) return;
  SetNumber(sign * total, value);
  value.unit = "s";
}

// The forms of RFC 3339 with 'T' or a blank, and the same without seconds, zone or time of day: then UTC.
void TypeAsDate(std::string_view text, MetadataValue& value) {
  constexpr size_t kDay = 10;        // 2021-04-21
  constexpr size_t kMinute = 16;     // 2021-04-21 06:30
  constexpr size_t kSecond = 19;     // 2021-04-21 06:30:58
  constexpr size_t kMaxLength = 64;  // any number of fraction digits is allowed; this many make sense
  if (text.size() < kDay || text.size() > kMaxLength || !IsDigit(text[0]) || text[4] != '-' || text[7] != '-') return;
  std::string full(text);
  if (text.size() == kDay) full += "T00:00:00Z";
  if (text.size() == kMinute) full += ":00Z";
  if (text.size() >= kSecond && text.find_first_not_of("0123456789.", kSecond) == std::string_view::npos) full += 'Z';
  if (const auto time = ParseTimestamp(full)) value.date = *time;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

void TypeAsBoolean(std::string_view text, MetadataValue& value) {
  constexpr size_t kMaxLength = 5;  // "false"
  if (text.size() > kMaxLength) return;
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
  if (!value.number) TypeAsDuration(trimmed, value);
  if (!value.number) TypeAsDate(trimmed, value);
  if (!value.number) TypeAsBoolean(trimmed, value);
  return value;
}

}  // namespace seshat::metadata
