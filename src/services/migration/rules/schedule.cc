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
  table.utc_offset_ = std::move(utc_offset);
  if (!schedule.cron.empty()) {
    SESHAT_ASSIGN(table.cron_, Cron::Parse(schedule.cron));
  }
  return table;
}

local_seconds Timetable::Local(Timestamp time) const {
  const auto offset = utc_offset_ ? utc_offset_(time) : std::chrono::minutes(0);
  return local_seconds(floor<seconds>(time).time_since_epoch() + offset);
}

std::optional<Timestamp> Timetable::BlackoutEnd(Timestamp now) const {
  const local_seconds begin = Local(now);
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
  return floor<seconds>(now) + (at - begin);
}

std::optional<Timestamp> Timetable::NextTick(Timestamp after) const {
  const local_seconds local = Local(after);
  const auto next = cron_->Next(local);
  if (!next) return std::nullopt;
  return floor<seconds>(after) + (*next - local);
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
