#include "core/query/date_math.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/metadata/metadata.h"

namespace seshat::query {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr std::string_view kNow = "now";
constexpr std::string_view kAnchorEnd = "||";
constexpr std::string_view kUnits = "yMwdhHms";

// Seconds of the clock on the wall, and what is below a second: steps over years stay within 64 bits.
struct WallTime {
  sys_seconds second;
  std::chrono::nanoseconds rest{0};
};

bool StartsWithNow(std::string_view text) {
  return text.size() >= kNow.size() && std::ranges::equal(text.substr(0, kNow.size()), kNow, {}, [](char c) {
           return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
         });
}

std::unexpected<Error> Wrong(std::string_view text, std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' {}", text, why));
}

sys_seconds AddMonths(sys_seconds time, int64_t count) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto month = date.year() / date.month() + months{count};
  const auto last = year_month_day{month / std::chrono::last};
  return sys_days{month / std::min(date.day(), last.day())} + (time - day);
}

sys_seconds Add(sys_seconds time, char unit, int64_t count) {
  switch (unit) {
    case 'y':
      return AddMonths(time, count * 12);
    case 'M':
      return AddMonths(time, count);
    case 'w':
      return time + days{7 * count};
    case 'd':
      return time + days{count};
    case 'h':
    case 'H':
      return time + std::chrono::hours{count};
    case 'm':
      return time + std::chrono::minutes{count};
    default:
      return time + seconds{count};
  }
}

sys_seconds Start(sys_seconds time, char unit) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  switch (unit) {
    case 'y':
      return sys_days{date.year() / std::chrono::January / 1};
    case 'M':
      return sys_days{date.year() / date.month() / 1};
    case 'w':
      return day - (std::chrono::weekday{day} - std::chrono::Monday);
    case 'd':
      return day;
    case 'h':
    case 'H':
      return floor<std::chrono::hours>(time);
    case 'm':
      return floor<std::chrono::minutes>(time);
    default:
      return time;
  }
}

// Years that a timestamp can be written with (time.h).
bool IsInRange(sys_seconds time) {
  constexpr auto kFirst = sys_days{std::chrono::year{1678} / 1 / 1};
  constexpr auto kEnd = sys_days{std::chrono::year{2262} / 1 / 1};
  return time >= kFirst && time < kEnd;
}

struct Step {
  char sign = '+';  // '/' rounds
  int64_t count = 1;
  char unit = 's';
};

// Takes the next step off `rest`.
std::optional<Step> ReadStep(std::string_view& rest) {
  constexpr size_t kMaxDigits = 6;  // two thousand years of days
  Step step;
  step.sign = rest.front();
  if (step.sign != '+' && step.sign != '-' && step.sign != '/') return std::nullopt;
  rest.remove_prefix(1);
  size_t digits = 0;
  while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
  if (digits > 0) {
    if (step.sign == '/' || digits > kMaxDigits) return std::nullopt;
    std::from_chars(rest.data(), rest.data() + digits, step.count);
    rest.remove_prefix(digits);
  }
  if (rest.empty() || kUnits.find(rest.front()) == std::string_view::npos) return std::nullopt;
  step.unit = rest.front();
  rest.remove_prefix(1);
  return step;
}

}  // namespace

bool LooksLikeDateMath(std::string_view text) {
  constexpr std::string_view kSteps = "+-/";
  if (const size_t bars = text.find(kAnchorEnd); bars != std::string_view::npos)
    return metadata::TypeValue(text.substr(0, bars)).date.has_value();
  if (!StartsWithNow(text) || text.size() < kNow.size() + 2) return false;
  const char sign = text[kNow.size()];
  const char next = text[kNow.size() + 1];
  return kSteps.find(sign) != std::string_view::npos &&
         (sign == '/' ? text.size() == kNow.size() + 2 && kUnits.find(next) != std::string_view::npos
                      : next >= '0' && next <= '9');
}

Result<DateMath> ResolveDateMath(std::string_view text, const DateMathOptions& options) {
  std::string_view rest = text;
  std::optional<Timestamp> anchor;
  if (const size_t bars = text.find(kAnchorEnd); bars != std::string_view::npos) {
    anchor = metadata::TypeValue(text.substr(0, bars)).date;
    rest.remove_prefix(bars + kAnchorEnd.size());
    if (!anchor) return Wrong(text, "needs a date before '||'");
  } else if (StartsWithNow(text)) {
    if (!options.now) return Wrong(text, "cannot be told, because the time is not known here: write the date itself");
    anchor = options.now;
    rest.remove_prefix(kNow.size());
  } else {
    return Wrong(text, "does not start with now or a date and '||'");
  }
  const auto whole = floor<seconds>(*anchor);
  WallTime wall{whole + options.utc_offset, *anchor - whole};
  std::optional<sys_seconds> next;
  while (!rest.empty()) {
    const auto step = ReadStep(rest);
    if (!step) return Wrong(text, "is no date: after now or '||' stand steps like -7d, +1M, /d, in y M w d h m s");
    next.reset();
    if (step->sign == '/') {
      wall = {Start(wall.second, step->unit), std::chrono::nanoseconds{0}};
      next = Add(wall.second, step->unit, 1);
    } else {
      wall.second = Add(wall.second, step->unit, step->sign == '-' ? -step->count : step->count);
    }
    if (!IsInRange(wall.second) || (next && !IsInRange(*next)))
      return Wrong(text, "is not between the years 1678 and 2261");
  }
  DateMath out{Timestamp{wall.second - options.utc_offset} + wall.rest, std::nullopt};
  if (next) out.next = Timestamp{*next - options.utc_offset};
  return out;
}

}  // namespace seshat::query
