#include "core/base/time.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/base/clamped_time.h"

namespace seshat {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::year_month_day;

constexpr int64_t kPerSecond = 1'000'000'000;

std::optional<int> Digits(std::string_view& text, int count) {
  if (text.size() < static_cast<size_t>(count)) return std::nullopt;
  int value = 0;
  for (int i = 0; i < count; ++i) {
    const char c = text[static_cast<size_t>(i)];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(static_cast<size_t>(count));
  return value;
}

bool Skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<nanoseconds> Fraction(std::string_view& text) {
  if (!Skip(text, ".")) return nanoseconds{0};
  int64_t value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 9) value = value * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (int i = digits; i < 9; ++i) value *= 10;
  return nanoseconds{value};
}

std::optional<minutes> Offset(std::string_view& text) {
  if (Skip(text, "Zz")) return minutes{0};
  if (text.empty()) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!Skip(text, "+-")) return std::nullopt;
  const auto h = Digits(text, 2);
  if (!h || !Skip(text, ":")) return std::nullopt;
  const auto m = Digits(text, 2);
  if (!m || *h > 23 || *m > 59) return std::nullopt;
  return minutes{sign * (*h * 60 + *m)};
}

// Seconds, and nanoseconds of 0 to 999,999,999 after them.
std::pair<int64_t, int64_t> Split(int64_t ns) {
  const int64_t rest = ns % kPerSecond;
  return rest < 0 ? std::pair(ns / kPerSecond - 1, rest + kPerSecond) : std::pair(ns / kPerSecond, rest);
}

std::optional<Timestamp> Parse(std::string_view text) {
  const auto year = Digits(text, 4);
  if (!year || !Skip(text, "-")) return std::nullopt;
  const auto month = Digits(text, 2);
  if (!month || !Skip(text, "-")) return std::nullopt;
  const auto day = Digits(text, 2);
  if (!day || !Skip(text, "Tt ")) return std::nullopt;
  const auto hour = Digits(text, 2);
  if (!hour || !Skip(text, ":")) return std::nullopt;
  const auto minute = Digits(text, 2);
  if (!minute || !Skip(text, ":")) return std::nullopt;
  const auto second = Digits(text, 2);
  if (!second) return std::nullopt;
  const auto fraction = Fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = Offset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  // A leap second (60) is taken as the second after it.
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::sys_seconds whole =
      std::chrono::sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second} - *offset;
  const int64_t since = whole.time_since_epoch().count();
  const int64_t ns = ClampedNanoseconds(since, fraction->count());
  // Clamped: it lies beyond what can be said.
  if (Split(ns) != std::pair(since, fraction->count())) return std::nullopt;
  return Timestamp(nanoseconds(ns));
}

}  // namespace

std::string FormatTimestamp(Timestamp time) {
  // In seconds: the first day's own beginning is no Timestamp.
  const auto [since, ns] = Split(time.time_since_epoch().count());
  const std::chrono::sys_seconds whole{seconds{since}};
  const auto day = floor<days>(whole);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{whole - day};
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (ns != 0) {
    if (ns % 1'000'000 == 0) {
      text += fmt::format(".{:03}", ns / 1'000'000);
    } else if (ns % 1'000 == 0) {
      text += fmt::format(".{:06}", ns / 1'000);
    } else {
      text += fmt::format(".{:09}", ns);
    }
  }
  return text + "Z";
}

Result<Timestamp> ParseTimestamp(std::string_view text) {
  if (const auto time = Parse(text)) return *time;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no RFC 3339 time (like 2026-11-23T05:50:00Z)", text.substr(0, 64)));
}

}  // namespace seshat
