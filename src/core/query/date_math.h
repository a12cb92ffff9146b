// Points in time relative to others, as people write them in queries: "now-7d", "now/M", "2026-11-23||+1d/d".
//
//   date-math := ("now" | date "||") { ("+" | "-") [digits] unit | "/" unit }
//   unit      := y | M | w | d | h | H | m | s      years, months, weeks, days, hours, hours, minutes, seconds
//
// "/unit" goes back to the start of the unit (weeks start on Monday); years and months that end on a day which
// the month lacks take its last one.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"

namespace seshat::query {

struct DateMathOptions {
  std::optional<Timestamp> now;        // nothing: "now" is refused
  std::chrono::minutes utc_offset{0};  // of the clock on the wall that days, weeks and months begin by
};

struct DateMath {
  Timestamp time{};
  // Where the last step was "/unit": the start of the next one. The text then means all of the unit.
  std::optional<Timestamp> next;
};

// True for texts that are meant as date math: from here on a mistake is an error and not just another word.
// "now" alone is a word like any other.
bool LooksLikeDateMath(std::string_view text);

// kInvalidArgument with the reason, for people.
Result<DateMath> ResolveDateMath(std::string_view text, const DateMathOptions& options);

}  // namespace seshat::query

namespace seshat {
using query::DateMath;
using query::DateMathOptions;
}  // namespace seshat
