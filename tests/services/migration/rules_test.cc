// The pure rules: globs, cron, schedules, completeness, fingerprints, bandwidth.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "core/records/fingerprint.h"
#include "core/records/manifest.h"
#include "services/migration/rules/cron.h"
#include "services/migration/rules/schedule.h"
#include "services/migration/rules/source_spec.h"
#include "services/migration/rules/token_bucket.h"
#include "services/migration/scan/completeness.h"
#include "support/fakes.h"

namespace seshat::migration {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Timestamp At(std::string_view text) { return ParseTimestamp(text).value(); }

TEST(Cron, Table) {
  struct Row {
    const char* expression;
    const char* after;
    const char* next;
  };
  constexpr Row kRows[] = {
      {"* * * * *", "2026-11-23T05:50:30Z", "2026-11-23T05:51:00Z"},
      {"*/15 * * * *", "2026-11-23T05:50:00Z", "2026-11-23T06:00:00Z"},
      {"0 2 * * *", "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z"},
      {"30 22 * * mon-fri", "2026-11-20T23:00:00Z", "2026-11-23T22:30:00Z"},
      {"0 0 1 jan *", "2026-11-23T00:00:00Z", "2027-01-01T00:00:00Z"},
      {"0 0 29 2 *", "2026-11-23T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"0 0 13 * 5", "2026-11-23T00:00:00Z", "2026-11-27T00:00:00Z"},  // either day is enough
      {"0 12 * * 7", "2026-11-23T00:00:00Z", "2026-11-29T12:00:00Z"},
      {"5-10/5,50 1 * * *", "2026-11-23T01:05:00Z", "2026-11-23T01:10:00Z"},
      {"59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"},
  };
  for (const auto& row : kRows) {
    const auto cron = Cron::Parse(row.expression);
    ASSERT_TRUE(cron) << row.expression;
    const auto local = [](const char* text) {
      return std::chrono::local_seconds(std::chrono::floor<seconds>(At(text)).time_since_epoch());
    };
    EXPECT_EQ(cron->Next(local(row.after)), local(row.next)) << row.expression;
  }
  EXPECT_FALSE(Cron::Parse("0 0 30 2 *")->Next(std::chrono::local_seconds()));
}

TEST(Cron, RefusesWhatIsNone) {
  for (const char* text : {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
                           "* * * * 8", "*/0 * * * *", "5-1 * * * *", "x * * * *", "1,,2 * * * *", "-1 * * * *"}) {
    const auto cron = Cron::Parse(text);
    ASSERT_FALSE(cron) << text;
    EXPECT_EQ(cron.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Timetable, IntervalsFollowUpsAndBlackouts) {
  Schedule schedule{.interval = minutes(5)};
  auto table = Timetable::Make(schedule, {}).value();
  const Timestamp now = At("2026-11-23T10:00:00Z");
  EXPECT_EQ(table.FirstScan(now), now);
  EXPECT_EQ(table.NextScan(now, {}), now + minutes(5));
  EXPECT_EQ(table.NextScan(now, now + seconds(30)), now + seconds(30) + std::chrono::milliseconds(1));
  EXPECT_FALSE(table.BlackoutEnd(now));

  schedule.blackouts = {*BlackoutWindow::Parse("22:00-06:00"), *BlackoutWindow::Parse("mon 06:00-07:30")};
  table = Timetable::Make(schedule, {}).value();
  EXPECT_EQ(table.BlackoutEnd(At("2026-11-23T23:00:00Z")), At("2026-11-24T06:00:00Z"));
  EXPECT_EQ(table.BlackoutEnd(At("2026-11-23T05:00:00Z")), At("2026-11-23T07:30:00Z"));
  EXPECT_EQ(table.NextScan(At("2026-11-23T21:58:00Z"), {}), At("2026-11-24T06:00:00Z"));

  // An hour east of Greenwich the same window begins an hour earlier.
  table = Timetable::Make(schedule, [](Timestamp) { return minutes(60); }).value();
  EXPECT_TRUE(table.BlackoutEnd(At("2026-11-23T21:30:00Z")));

  schedule.blackouts = {*BlackoutWindow::Parse("00:00-24:00")};
  table = Timetable::Make(schedule, {}).value();
  EXPECT_TRUE(table.BlackoutEnd(now));
}

TEST(Timetable, CronKeepsToItsMinutes) {
  const auto table = Timetable::Make({.cron = "0 2 * * *"}, {}).value();
  EXPECT_FALSE(table.takes_hints());
  const Timestamp tick = At("2026-11-24T02:00:00Z");
  EXPECT_EQ(table.FirstScan(At("2026-11-23T10:00:00Z")), tick);
  EXPECT_EQ(table.NextScan(tick, tick + seconds(30)), tick + seconds(30) + std::chrono::milliseconds(1));
  EXPECT_EQ(table.NextScan(tick, {}), tick + hours(24));
}

TEST(BlackoutWindow, Parses) {
  EXPECT_EQ(BlackoutWindow::Parse("sat,sun 00:00-24:00")->weekdays, 0x41);
  EXPECT_EQ(BlackoutWindow::Parse("fri-mon 01:30-02:00")->weekdays, 0x63);
  for (const char* text : {"", "8:00-9:00", "25:00-26:00", "08:00", "noday 08:00-09:00", "08:00-09:60", "mon"})
    EXPECT_FALSE(BlackoutWindow::Parse(text)) << text;
}

SourceEntry Entry(std::string_view path, uint64_t size = 1, EntryKind kind = EntryKind::kFile) {
  return {.path = path, .kind = kind, .stat = {.size = size, .inode = 1}};
}

Observation Judge(const Completeness& rules, const std::vector<std::string>& files, int quiet_seconds,
                  std::string_view missing = "") {
  SessionShape shape;
  for (const auto& file : files) rules.Add(shape, file, Entry(file), file == "metadata.txt");
  const Timestamp now = At("2026-11-23T10:00:00Z");
  const Observation before{.fingerprint = shape.fingerprint, .changed_at = now - seconds(quiet_seconds)};
  return rules.Judge(shape, before, now, missing);
}

TEST(Completeness, EveryRuleMustHold) {
  CompletenessRules rules{.quiet = seconds(30), .marker = "DONE", .expected = {"*.bin", "*.log"}, .metadata = true};
  const Completeness all(rules);
  EXPECT_TRUE(Judge(all, {"a.bin", "b.log", "metadata.txt", "DONE"}, 30).complete);
  EXPECT_THAT(Judge(all, {"a.bin", "b.log", "metadata.txt", "DONE"}, 29).waiting_for,
              ::testing::HasSubstr("nothing to change for 30 s"));
  EXPECT_TRUE(Judge(all, {"a.bin", "b.log", "metadata.txt", "DONE"}, 29).until);
  EXPECT_THAT(Judge(all, {"a.bin", "b.log", "metadata.txt"}, 60).waiting_for, ::testing::HasSubstr("marker 'DONE'"));
  EXPECT_FALSE(Judge(all, {"a.bin", "b.log", "metadata.txt"}, 1).until);
  EXPECT_THAT(Judge(all, {"a.bin", "metadata.txt", "DONE"}, 60).waiting_for, ::testing::HasSubstr("'*.log'"));
  EXPECT_THAT(Judge(all, {"a.bin", "b.log", "DONE"}, 60).waiting_for, ::testing::HasSubstr("metadata"));
  EXPECT_THAT(Judge(Completeness({}), {}, 60).waiting_for, ::testing::HasSubstr("a first file"));
  const Completeness listed({.quiet = seconds(1), .expected_list = "files.txt"});
  EXPECT_THAT(Judge(listed, {"a.bin"}, 60).waiting_for, ::testing::HasSubstr("'files.txt'"));
  EXPECT_FALSE(Judge(listed, {"a.bin", "files.txt"}, 60, "2 of 3 files").complete);
  EXPECT_TRUE(Judge(listed, {"a.bin", "files.txt"}, 60).complete);
}

TEST(Completeness, AChangeOrANewClockBeginsAnew) {
  const Completeness rules({.quiet = seconds(30)});
  SessionShape shape;
  rules.Add(shape, "a", Entry("a"), false);
  const Timestamp now = At("2026-11-23T10:00:00Z");
  EXPECT_EQ(rules.Judge(shape, std::nullopt, now, "").changed_at, now);
  Observation before{.changed_at = now - hours(1)};
  EXPECT_EQ(rules.Judge(shape, before, now, "").changed_at, now) << "another fingerprint";
  before.fingerprint = shape.fingerprint;
  before.changed_at = now + hours(5);
  EXPECT_EQ(rules.Judge(shape, before, now, "").changed_at, now) << "the clock was set back";
  before.changed_at = now - hours(1);
  before.gone = true;
  EXPECT_EQ(rules.Judge(shape, before, now, "").changed_at, now) << "it had been gone";
  EXPECT_EQ(Completeness({.quiet = seconds(0)}).quiet(), kLeastQuiet);
}

TEST(Completeness, ReadsExpectedLists) {
  EXPECT_THAT(ParseExpectedList("# files\r\n./b.bin\r\n\na.bin\nb.bin"), ::testing::ElementsAre("a.bin", "b.bin"));
}

TEST(Fingerprint, AnyChangeOfAnyFieldChangesIt) {
  EXPECT_TRUE(rc::check([](const std::string& path, uint64_t size, int64_t modified, int64_t changed, uint64_t inode,
                           uint32_t mode, uint64_t other) {
    const FileStat stat{size, modified, changed, inode, mode};
    Fingerprint original;
    original.Add(path, 0, stat);
    RC_PRE(other != 0);
    std::vector<std::pair<std::string, FileStat>> variants(6, {path, stat});
    variants[0].second.size ^= other;
    variants[1].second.modified_ns ^= static_cast<int64_t>(other);
    variants[2].second.changed_ns ^= static_cast<int64_t>(other);
    variants[3].second.inode ^= other;
    variants[4].second.mode ^= static_cast<uint32_t>(other | 1);
    variants[5].first += std::string(1 + other % 9, '\0');
    for (const auto& [name, changed_stat] : variants) {
      Fingerprint variant;
      variant.Add(name, 0, changed_stat);
      RC_ASSERT(variant != original);
    }
    Fingerprint kind;
    kind.Add(path, 1, stat);
    RC_ASSERT(kind != original);
    RC_ASSERT(Fingerprint::FromHex(original.ToHex()).value() == original);
  }));
}

TEST(Fingerprint, OrderDoesNotMatterAndRepetitionDoes) {
  EXPECT_TRUE(rc::check([](std::vector<std::string> paths) {
    Fingerprint one;
    for (const auto& path : paths) one.Add(path, 0, {.size = path.size()});
    std::ranges::reverse(paths);
    Fingerprint two;
    for (const auto& path : paths) two.Add(path, 0, {.size = path.size()});
    RC_ASSERT(one == two);
    if (!paths.empty()) {
      two.Add(paths[0], 0, {.size = paths[0].size()});
      RC_ASSERT(one != two);
    }
  }));
}

TEST(TokenBucket, DebtIsWorkedOff) {
  testing::FakeClock clock;
  TokenBucket bucket(clock, 1000);
  EXPECT_EQ(bucket.Wait().count(), 0);
  bucket.Take(5000);
  EXPECT_EQ(bucket.Wait(), seconds(5));
  clock.Advance(seconds(60));
  bucket.Take(1000);
  EXPECT_EQ(bucket.Wait(), seconds(1)) << "idle time is no credit";
  TokenBucket unlimited(clock, 0);
  unlimited.Take(1ULL << 40);
  EXPECT_EQ(unlimited.Wait().count(), 0);
}

TEST(SourceSpec, SaysWhatIsWrong) {
  SourceSpec good;
  good.name = "rig";
  good.path = "/lab";
  EXPECT_TRUE(good.Validate());
  const auto broken = [&](auto change) {
    SourceSpec spec = good;
    change(spec);
    const auto status = spec.Validate();
    return status ? std::string("nothing") : status.error().message;
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(broken([](auto& s) { s.name = "a/b"; }), HasSubstr("source"));
  EXPECT_THAT(broken([](auto& s) { s.path = "relative"; }), HasSubstr("absolute"));
  EXPECT_THAT(broken([](auto& s) {
                s.layout = Layout::kFlat;
                s.flat_pattern = "(x";
              }),
              HasSubstr("flat_pattern"));
  EXPECT_THAT(broken([](auto& s) {
                s.layout = Layout::kFlat;
                s.flat_pattern = "x";
              }),
              HasSubstr("capture"));
  EXPECT_THAT(broken([](auto& s) { s.schedule.cron = "often"; }), HasSubstr("cron"));
  EXPECT_THAT(broken([](auto& s) { s.schedule.interval = std::chrono::milliseconds(1); }), HasSubstr("interval"));
  EXPECT_THAT(broken([](auto& s) { s.ignore = {""}; }), HasSubstr("ignore: a pattern is empty"));
  EXPECT_THAT(broken([](auto& s) { s.ignore = {"*.tmp", "[ax"}; }), HasSubstr("ignore: the pattern '[ax'"));
  EXPECT_THAT(broken([](auto& s) { s.metadata_files = {"a\\"}; }), HasSubstr("metadata_files: the pattern"));
  EXPECT_THAT(broken([](auto& s) { s.complete.marker = "[!"; }), HasSubstr("complete.marker: the pattern"));
  EXPECT_THAT(broken([](auto& s) { s.complete.expected = {"logs/"}; }), HasSubstr("complete.expected: the pattern"));
  EXPECT_THAT(broken([](auto& s) { s.complete.expected_list = "[a"; }), HasSubstr("complete.expected_list: the pat"));
}

}  // namespace
}  // namespace seshat::migration
