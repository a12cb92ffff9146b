#include "services/migration/rules/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string>
#include <vector>

#include "core/base/text_parts.h"

namespace seshat::migration {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;

constexpr std::array<std::string_view, 13> kMonths = {"",    "jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
  std::string_view name;
  int low;
  int high;
  std::span<const std::string_view> names;
};

std::optional<int> Number(std::string_view text) {
  const auto value = ParseInteger<int>(text);
  return value && *value >= 0 ? value : std::nullopt;
}

std::optional<int> Value(const Field& field, std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (size_t i = 0; i < field.names.size(); ++i)
    if (!lower.empty() && field.names[i] == lower) return static_cast<int>(i);
  const auto value = Number(text);
  return value && *value >= field.low && *value <= field.high ? value : std::nullopt;
}

// Calls `set` for every value that one item of a list names; false where it is malformed.
template <typename Set>
bool ParseItem(const Field& field, std::string_view item, const Set& set) {
  int step = 1;
  const size_t slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  if (slash != std::string_view::npos) {
    const auto value = Number(item.substr(slash + 1));
    if (!value || *value == 0) return false;
    step = *value;
  }
  int low = field.low;
  int high = field.high;
  if (range != "*") {
    const size_t dash = range.find('-');
    const auto first = Value(field, range.substr(0, dash));
    if (!first) return false;
    low = *first;
    // "5/10" means from 5 on.
    if (slash == std::string_view::npos) high = low;
    if (dash != std::string_view::npos) {
      const auto last = Value(field, range.substr(dash + 1));
      if (!last || *last < low) return false;
      high = *last;
    }
  }
  for (int v = low; v <= high; v += step) set(v);
  return true;
}

template <size_t N>
Status ParseField(const Field& field, std::string_view text, std::bitset<N>& bits) {
  for (const auto item : Split(text, ',')) {
    const auto set = [&](int value) { bits.set(static_cast<size_t>(value) % (N == 7 ? 7 : N)); };
    if (!ParseItem(field, item, set))
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is no {} of a cron expression: use {}-{}, lists, ranges and steps such as '*/5'",
                              text, field.name, field.low, field.high));
  }
  return {};
}

}  // namespace

Result<Cron> Cron::Parse(std::string_view text) {
  std::vector<std::string_view> fields;
  for (const auto part : Split(text, ' '))
    if (!part.empty()) fields.push_back(part);
  if (fields.size() != 5)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no cron expression: it needs five fields, minute hour day-of-month month "
                            "day-of-week, such as '0 2 * * mon-fri'",
                            text));
  Cron cron;
  SESHAT_TRY(ParseField({"minute", 0, 59, {}}, fields[0], cron.minutes_));
  SESHAT_TRY(ParseField({"hour", 0, 23, {}}, fields[1], cron.hours_));
  SESHAT_TRY(ParseField({"day of month", 1, 31, {}}, fields[2], cron.days_));
  SESHAT_TRY(ParseField({"month", 1, 12, kMonths}, fields[3], cron.months_));
  SESHAT_TRY(ParseField({"day of week", 0, 7, kDays}, fields[4], cron.weekdays_));
  cron.any_day_ = fields[2].starts_with('*');
  cron.any_weekday_ = fields[4].starts_with('*');
  return cron;
}

bool Cron::MatchesDay(local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool by_date = days_.test(static_cast<unsigned>(date.day()));
  const bool by_weekday = weekdays_.test(std::chrono::weekday(day).c_encoding());
  return any_day_ || any_weekday_ ? by_date && by_weekday : by_date || by_weekday;
}

bool Cron::Matches(local_seconds minute) const {
  const auto day = std::chrono::floor<days>(minute);
  const auto since = std::chrono::floor<minutes>(minute - day);
  return MatchesDay(day) && hours_.test(static_cast<size_t>(since / hours(1))) &&
         minutes_.test(static_cast<size_t>(since % hours(1) / minutes(1)));
}

std::optional<local_seconds> Cron::Next(local_seconds after) const {
  const local_seconds from = std::chrono::floor<minutes>(after) + minutes(1);
  const auto last = std::chrono::floor<days>(after) + days(8 * 366);
  for (auto day = std::chrono::floor<days>(from); day <= last; day += days(1)) {
    if (!MatchesDay(day)) continue;
    for (size_t hour = 0; hour < hours_.size(); ++hour) {
      const local_seconds begin = day + hours(hour);
      if (!hours_.test(hour) || begin + hours(1) <= from) continue;
      for (size_t minute = 0; minute < minutes_.size(); ++minute)
        if (minutes_.test(minute) && begin + minutes(minute) >= from) return begin + minutes(minute);
    }
  }
  return std::nullopt;
}

}  // namespace seshat::migration
