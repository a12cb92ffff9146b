#include "services/migration/rules/schedule.h"

#include <algorithm>
#include <utility>

namespace seshat::migration {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;

// Follow-ups are a little late, so that a quiet time is over for certain.
constexpr std::chrono::milliseconds kAfterDue{1};
// Clocks are changed by half an hour to two hours; the rest is room for a zone that thinks differently.
constexpr std::chrono::hours kMaxChange{3};

// The end of the window that began on `day`, where `now` lies in it.
std::optional<local_seconds> EndOf(const BlackoutWindow& window, local_days day, local_seconds now) {
  if ((window.weekdays >> std::chrono::weekday(day).c_encoding() & 1) == 0) return std::nullopt;
  const local_seconds begin = day + window.from;
  local_seconds end = day + window.to;
  if (end <= begin) end += days(1);
  return begin <= now && now < end ? std::optional(end) : std::nullopt;
}

}  // namespace

Result<Timetable> Timetable::Make(const Schedule& schedule, std::function<std::chrono::minutes(Timestamp)> utc_offset) {
  Timetable table;
  table.schedule_ = schedule;
  table.clock_ = LocalClock(std::move(utc_offset));
  if (!schedule.cron.empty()) {
    SESHAT_ASSIGN(table.cron_, Cron::Parse(schedule.cron));
  }
  return table;
}

std::optional<Timestamp> Timetable::BlackoutEnd(Timestamp now) const {
  const local_seconds begin = clock_.Local(now);
  local_seconds at = begin;
  for (bool moved = true; moved && at - begin < days(7);) {
    moved = false;
    for (const auto& window : schedule_.blackouts) {
      const auto today = floor<days>(at);
      for (const auto day : {today - days(1), today}) {
        const auto end = EndOf(window, day, at);
        if (!end) continue;
        at = *end;
        moved = true;
      }
    }
  }
  if (at == begin) return std::nullopt;
  return clock_.InstantAfter(at, now);
}

std::optional<Timestamp> Timetable::NextTick(Timestamp after) const {
  if (cron_->every_hour()) {
    // Real minutes, so that an hour which comes twice has its ticks twice. No change of clocks is longer.
    const Timestamp minute = floor<std::chrono::minutes>(after);
    for (Timestamp at = minute + std::chrono::minutes(1); at <= minute + kMaxChange; at += std::chrono::minutes(1))
      if (cron_->Matches(clock_.Local(at))) return at;
  }
  for (auto local = cron_->Next(clock_.Local(after)); local; local = cron_->Next(*local)) {
    const Timestamp tick = clock_.FirstInstant(*local);
    if (tick > after) return tick;
  }
  return std::nullopt;
}

Timestamp Timetable::NextScan(Timestamp ended, std::optional<Timestamp> due) const {
  Timestamp next = cron_ ? NextTick(ended).value_or(ended + days(1)) : ended + schedule_.interval;
  if (due) next = std::min(next, std::max(ended, *due) + kAfterDue);
  if (const auto end = BlackoutEnd(next)) next = *end;
  return next;
}

Timestamp Timetable::FirstScan(Timestamp now) const {
  Timestamp first = cron_ ? NextTick(now).value_or(now + days(1)) : now;
  if (const auto end = BlackoutEnd(first)) first = *end;
  return first;
}

}  // namespace seshat::migration
