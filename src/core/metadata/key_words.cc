#include "core/metadata/key_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/metadata/text_fold.h"
#include "core/metadata/units.h"

namespace seshat::metadata {
namespace {

bool IsSmall(char c) { return c >= 'a' && c <= 'z'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsSeparator(char c) { return std::string_view("_.-/ \t:[]()").find(c) != std::string_view::npos; }

}  // namespace

KeyWords TakeKeyApart(std::string_view key) {
  KeyWords out;
  std::string word;
  const auto finish = [&] {
    if (word.empty()) return;
    out.words.push_back(FoldAccents(word));
    out.last_as_written = std::exchange(word, "");
  };
  for (size_t i = 0; i < key.size(); ++i) {
    if (IsSeparator(key[i])) {
      finish();
      continue;
    }
    if (i > 0 && IsCapital(key[i]) && IsSmall(key[i - 1])) finish();
    word += key[i];
  }
  finish();
  return out;
}

bool IsUnitWord(std::string_view as_written) {
  // Words that mean something else at the end of a key: a minimum, an inch, a number of something.
  static constexpr auto kOtherwise = std::to_array<std::string_view>({"min", "in", "d", "px", "day", "days"});
  // As people write them in keys, where '°' and '/' and '%' are hard to type.
  static constexpr auto kInKeys = std::to_array<std::string_view>(
      {"degc",    "degf",    "pct",   "percent", "celsius", "kelvin", "ms",  "us",    "ns",  "sec", "secs",
       "seconds", "minutes", "hours", "mins",    "hz",      "khz",    "mhz", "ghz",   "mv",  "kv",  "ma",
       "mah",     "kw",      "pa",    "kpa",     "hpa",     "mbar",   "mm",  "cm",    "um",  "km",  "kg",
       "mg",      "kn",      "rpm",   "mps",     "kb",      "mb",     "gb",  "bytes", "ohm", "deg", "rad"});
  if (std::ranges::find(kOtherwise, as_written) != kOtherwise.end()) return false;
  return IsUnitSymbol(as_written) || std::ranges::find(kInKeys, FoldCase(as_written)) != kInKeys.end();
}

}  // namespace seshat::metadata
