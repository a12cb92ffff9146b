// Five-field cron expressions: minute, hour, day of month, month, day of week.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>

#include "core/base/error.h"

namespace seshat::migration {

// Lists, ranges, steps ("*/15", "1-5/2"), names of months and days (three letters), 7 for Sunday. As in every
// cron: where both days are restricted, either is enough.
class Cron {
 public:
  static Result<Cron> Parse(std::string_view text);  // kInvalidArgument naming the field

  // Whether it names no hours, so that it means real hours and not times on the wall.
  bool every_hour() const { return hours_.all(); }
  bool Matches(std::chrono::local_seconds minute) const;
  // The first matching minute after `after`; nothing where there is none within eight years ("0 0 30 2 *"; eight
  // covers 29 February over a year like 2100).
  std::optional<std::chrono::local_seconds> Next(std::chrono::local_seconds after) const;

 private:
  bool MatchesDay(std::chrono::local_days day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace seshat::migration
