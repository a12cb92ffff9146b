// Schedules around changes of the clocks. Zones are written out, so that no table of zones has to be installed.
#include "services/migration/rules/schedule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace seshat::migration {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr const char* kNewYork = "EST5EDT,M3.2.0,M11.1.0";
constexpr const char* kSydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
constexpr const char* kLordHowe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";  // by half an hour
constexpr const char* kTokyo = "JST-9";
constexpr const char* kZones[] = {kBerlin, kNewYork, kSydney, kLordHowe, kTokyo, "UTC0"};

Timestamp At(std::string_view text) { return ParseTimestamp(text).value(); }
std::string Text(Timestamp time) { return FormatTimestamp(time); }

// The C library's rules for the zone in force.
minutes OffsetAt(Timestamp time) {
  const std::time_t seconds_since = floor<seconds>(time).time_since_epoch().count();
  std::tm local{};
  localtime_r(&seconds_since, &local);
  return minutes(local.tm_gmtoff / 60);
}

// Makes a zone the local one until it goes.
class ZoneScope {
 public:
  explicit ZoneScope(const char* zone) {
    setenv("TZ", zone, 1);  // NOLINT(concurrency-mt-unsafe): one thread
    tzset();
  }
  ~ZoneScope() {
    unsetenv("TZ");  // NOLINT(concurrency-mt-unsafe): one thread
    tzset();
  }
};

Timetable ByCron(const std::string& cron) { return Timetable::Make({.cron = cron}, OffsetAt).value(); }

struct Tick {
  const char* zone;
  const char* cron;
  const char* after;
  std::vector<std::string> next;
};

TEST(Timetable, TicksAroundChangesOfTheClocks) {
  const Tick rows[] = {
      // Spring in Berlin: 02:00 CET is 03:00 CEST, at 01:00 UTC on 28 March 2027.
      {kBerlin, "0 3 * * *", "2027-03-27T12:00:00Z", {"2027-03-28T01:00:00Z", "2027-03-29T01:00:00Z"}},
      {kBerlin, "30 2 * * *", "2027-03-27T12:00:00Z", {"2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"}},
      {kBerlin, "0 6 * * *", "2027-03-27T12:00:00Z", {"2027-03-28T04:00:00Z"}},
      // Autumn: 03:00 CEST is 02:00 CET, at 01:00 UTC on 31 October 2027.
      {kBerlin, "0 3 * * *", "2027-10-30T12:00:00Z", {"2027-10-31T02:00:00Z", "2027-11-01T02:00:00Z"}},
      {kBerlin, "30 2 * * *", "2027-10-30T12:00:00Z", {"2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"}},
      {kBerlin, "0 6 * * *", "2027-10-30T12:00:00Z", {"2027-10-31T05:00:00Z"}},
      // A long scan that ended in the second 02:10 does not bring 02:30 again.
      {kBerlin, "30 2 * * *", "2027-10-31T01:10:00Z", {"2027-11-01T01:30:00Z"}},
      // Every quarter of an hour goes on through both.
      {kBerlin,
       "*/30 * * * *",
       "2027-10-31T00:00:00Z",
       {"2027-10-31T00:30:00Z", "2027-10-31T01:00:00Z", "2027-10-31T01:30:00Z", "2027-10-31T02:00:00Z"}},
      {kBerlin, "*/30 * * * *", "2027-03-28T00:30:00Z", {"2027-03-28T01:00:00Z", "2027-03-28T01:30:00Z"}},
      {kNewYork, "30 2 * * *", "2027-03-13T12:00:00Z", {"2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z"}},
      {kNewYork, "30 1 * * *", "2027-11-06T12:00:00Z", {"2027-11-07T05:30:00Z", "2027-11-08T06:30:00Z"}},
      {kSydney, "30 2 * * *", "2027-10-02T00:00:00Z", {"2027-10-02T16:00:00Z", "2027-10-03T15:30:00Z"}},
      {kLordHowe, "15 2 * * *", "2027-10-02T00:00:00Z", {"2027-10-02T15:30:00Z", "2027-10-03T15:15:00Z"}},
      {kTokyo, "30 2 * * *", "2027-03-27T20:00:00Z", {"2027-03-28T17:30:00Z", "2027-03-29T17:30:00Z"}},
  };
  for (const Tick& row : rows) {
    const ZoneScope zone(row.zone);
    const Timetable table = ByCron(row.cron);
    Timestamp at = At(row.after);
    for (const std::string& next : row.next) {
      at = table.NextScan(at, std::nullopt);
      EXPECT_EQ(Text(at), next) << row.zone << " " << row.cron << " after " << row.after;
    }
  }
}

TEST(Timetable, BlackoutsEndWhenTheWallSaysSo) {
  struct Row {
    const char* zone;
    const char* window;
    const char* now;
    const char* end;
  };
  constexpr Row kRows[] = {
      {kBerlin, "22:00-06:00", "2027-03-27T22:00:00Z", "2027-03-28T04:00:00Z"},  // asked at 23:00 CET
      {kBerlin, "22:00-06:00", "2027-10-30T21:00:00Z", "2027-10-31T05:00:00Z"},  // asked at 23:00 CEST
      {kBerlin, "22:00-02:30", "2027-10-30T21:00:00Z", "2027-10-31T00:30:00Z"},  // ends at the first 02:30
      {kBerlin, "22:00-02:30", "2027-10-31T01:10:00Z", "2027-10-31T01:30:00Z"},  // the second 02:10 lies in it, too
      {kBerlin, "22:00-02:30", "2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z"},  // 02:30 is leapt over
      {kNewYork, "00:00-05:00", "2027-11-07T04:30:00Z", "2027-11-07T10:00:00Z"},
      {kLordHowe, "22:00-06:00", "2027-04-03T12:00:00Z", "2027-04-03T19:30:00Z"},
  };
  for (const Row& row : kRows) {
    const ZoneScope zone(row.zone);
    Schedule schedule;
    schedule.blackouts.push_back(BlackoutWindow::Parse(row.window).value());
    const Timetable table = Timetable::Make(schedule, OffsetAt).value();
    const auto end = table.BlackoutEnd(At(row.now));
    ASSERT_TRUE(end) << row.zone << " " << row.window << " at " << row.now;
    EXPECT_EQ(Text(*end), row.end) << row.zone << " " << row.window << " at " << row.now;
  }
}

// Over three years of each zone: a named time comes once on every day, never twice and never not.
TEST(Timetable, ADailyTickComesOnEveryDayOfTheWall) {
  for (const char* name : kZones) {
    const ZoneScope zone(name);
    const LocalClock wall(OffsetAt);
    for (const char* cron : {"0 0 * * *", "30 1 * * *", "15 2 * * *", "30 2 * * *", "0 3 * * *", "59 23 * * *"}) {
      const Timetable table = ByCron(cron);
      Timestamp at = table.FirstScan(At("2026-01-01T12:00:00Z"));
      for (int day = 0; day < 3 * 365; ++day) {
        const Timestamp next = table.NextScan(at, std::nullopt);
        ASSERT_EQ(floor<days>(wall.Local(next)), floor<days>(wall.Local(at)) + days(1))
            << name << " " << cron << ": " << Text(at) << ", then " << Text(next);
        at = next;
      }
    }
  }
}

TEST(Timetable, ABlackoutThatEndedIsOver) {
  for (const char* name : kZones) {
    const ZoneScope zone(name);
    Schedule schedule;
    schedule.blackouts.push_back(BlackoutWindow::Parse("01:30-02:45").value());
    const Timetable table = Timetable::Make(schedule, OffsetAt).value();
    for (Timestamp now = At("2027-01-01T00:00:00Z"); now < At("2028-01-01T00:00:00Z"); now += minutes(37)) {
      const auto end = table.BlackoutEnd(now);
      if (!end) continue;
      ASSERT_GT(*end, now) << name << " at " << Text(now);
      ASSERT_LE(*end - now, hours(3)) << name << " at " << Text(now);
    }
  }
}

}  // namespace
}  // namespace seshat::migration
