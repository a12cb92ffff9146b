// When a source may be worked on, and when it is scanned next.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "core/base/error.h"
#include "core/base/time.h"
#include "services/migration/rules/cron.h"
#include "services/migration/rules/local_clock.h"
#include "services/migration/rules/source_spec.h"

namespace seshat::migration {

// Immutable; any thread.
class Timetable {
 public:
  // `utc_offset` as in Options; may be empty.
  static Result<Timetable> Make(const Schedule& schedule, std::function<std::chrono::minutes(Timestamp)> utc_offset);

  // The end of the blackout in which `now` lies; nothing outside of them. Windows that follow one another are
  // one. A source that is blacked out for ever answers a week from now. Beginning and end are read off the clock on
  // the wall, so a night in which the clocks change is an hour shorter or longer.
  std::optional<Timestamp> BlackoutEnd(Timestamp now) const;

  // The scan after one that ended at `ended`. `due` is when a session needs another look (ScanSummary::next_due).
  // By cron, follow-ups belong to the tick before them. A tick at a named hour comes once a day: at the first of two
  // equal times on the wall, and where the clocks leap over it, at the leap. One of every hour comes in each real hour.
  Timestamp NextScan(Timestamp ended, std::optional<Timestamp> due) const;
  // The first scan of an agent that starts now.
  Timestamp FirstScan(Timestamp now) const;
  // Whether hints of the file system bring scans forward.
  bool takes_hints() const { return !cron_; }

 private:
  std::optional<Timestamp> NextTick(Timestamp after) const;

  Schedule schedule_;
  std::optional<Cron> cron_;
  LocalClock clock_{{}};
};

}  // namespace seshat::migration
