// Every system call and every SQLite call of a short life of the bus fails, at position 1, 2, … until there is
// none left: once, and for ever after. What was promised before, during and after the fault must hold:
//   an event whose Publish succeeded is delivered, or is a dead letter;
//   an event whose Acknowledge succeeded does not come back.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "support/fault_calls.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr const char* kSub = "consumer";

Event MakeEvent(const std::string& id) {
  Event e;
  e.id = id;
  e.type = "T";
  e.data = R"({"padding":")" + std::string(3000, 'x') + R"("})";
  return e;
}

// One story of a bus, told under faults, and what it was promised on the way.
class Story {
 public:
  explicit Story(milliseconds busy_timeout) : options_{dir_ / "bus.db", busy_timeout} {}

  // Before any fault: a bus with some work in it.
  void Prepare() {
    auto bus = sqlite_event_bus::MakeSqliteEventBus(options_, clock_).value();
    ASSERT_TRUE(bus->EnsureSubscription({.name = kSub, .max_attempts = 3}));
    Publish(*bus, {"before-1", "before-2"});
    ASSERT_EQ(published_.size(), 2U);
  }

  // Errors are allowed here; only what succeeds is held against the bus later.
  void TellUnderFaults() {
    auto bus = sqlite_event_bus::MakeSqliteEventBus(options_, clock_);
    if (!bus) return;
    (void)(*bus)->EnsureSubscription({.name = kSub, .max_attempts = 3});
    Publish(**bus, {"a"});
    Publish(**bus, {"b", "c", "d"});
    Handle(**bus, 2);
    (void)(*bus)->Stats(kSub);
    Publish(**bus, {"e"});
    Handle(**bus, 10);
    (void)(*bus)->DeadLetters(kSub, "", 10);
    (void)(*bus)->Redrive(kSub, {});
    clock_.Advance(seconds(11));
    Handle(**bus, 10);
  }

  void CheckAfterwards(const std::string& where) {
    auto bus = sqlite_event_bus::MakeSqliteEventBus(options_, clock_);
    ASSERT_TRUE(bus) << where << ": " << bus.error().ToString();
    ASSERT_TRUE((*bus)->EnsureSubscription({.name = kSub, .max_attempts = 3})) << where;
    Publish(**bus, {"afterwards"});
    ASSERT_TRUE(published_.contains("afterwards")) << where;
    (void)(*bus)->Redrive(kSub, {});
    std::set<std::string> came;
    for (int round = 0; round < 4; ++round) {
      clock_.Advance(seconds(11));
      const auto got = (*bus)->Receive(kSub, {.max_events = 100, .wait = milliseconds(0)}, {});
      ASSERT_TRUE(got) << where << ": " << got.error().ToString();
      std::vector<std::string> handles;
      for (const auto& d : *got) {
        EXPECT_FALSE(acknowledged_.contains(d.event.id)) << where << ": " << d.event.id << " came back";
        EXPECT_EQ(d.event.data, MakeEvent("").data) << where;
        came.insert(d.event.id);
        handles.push_back(d.handle);
      }
      ASSERT_TRUE((*bus)->Acknowledge(kSub, handles)) << where;
    }
    for (const auto& id : published_)
      EXPECT_TRUE(came.contains(id) || tried_.contains(id)) << where << ": " << id << " is lost";
    const auto stats = (*bus)->Stats(kSub);
    ASSERT_TRUE(stats) << where;
    EXPECT_EQ(stats->ready + stats->in_flight + stats->dead, 0U) << where;
  }

 private:
  void Publish(EventBus& bus, const std::vector<std::string>& ids) {
    std::vector<Event> events;
    for (const auto& id : ids) events.push_back(MakeEvent(id));
    if (bus.Publish(events)) published_.insert(ids.begin(), ids.end());
  }

  // Receives, retries one, extends one, acknowledges the others.
  void Handle(EventBus& bus, size_t most) {
    const auto got = bus.Receive(kSub, {.max_events = most, .wait = milliseconds(0), .lease = seconds(10)}, {});
    if (!got) return;
    for (size_t i = 0; i < got->size(); ++i) {
      const Delivery& d = (*got)[i];
      EXPECT_FALSE(acknowledged_.contains(d.event.id)) << d.event.id << " came back";
      if (i % 3 == 1) {
        (void)bus.Retry(kSub, d.handle, milliseconds(0), "again");
        continue;
      }
      (void)bus.Extend(kSub, d.handle, seconds(10));
      tried_.insert(d.event.id);
      if (bus.Acknowledge(kSub, std::vector<std::string>{d.handle})) acknowledged_.insert(d.event.id);
    }
  }

  const TempDir dir_;
  ManualClock clock_;
  sqlite_event_bus::SqliteBusOptions options_;
  std::set<std::string> published_;
  std::set<std::string> acknowledged_;
  std::set<std::string> tried_;  // to acknowledge: after an error of the disk's, whether it counted is unknown
};

void Sweep(CallFaults plan, const std::string& what) {
  const uint64_t positions = SweepFaults(plan, [&](const CallFaults& one) {
    Story story(milliseconds(5));
    story.Prepare();
    uint64_t injected = 0;
    std::string where;
    {
      const FaultScope faults(one);
      story.TellUnderFaults();
      injected = faults.injected();
      where = what + " " + std::to_string(one.at) + " (" + faults.first() + ")";
    }
    story.CheckAfterwards(where);
    return ::testing::Test::HasFatalFailure() ? 0 : injected;
  });
  std::cout << what << ": " << positions << " positions\n";
  EXPECT_GT(positions, 20U);
}

TEST(SqliteEventBusFaultTest, EverySystemCallFailsOnce) { Sweep({}, "system call, once"); }
TEST(SqliteEventBusFaultTest, EverySystemCallFailsForEver) { Sweep({.for_ever = true}, "system call, for ever"); }
TEST(SqliteEventBusFaultTest, DiskIsFullFromThereOn) {
  Sweep({.for_ever = true, .error_number = ENOSPC, .only = "pwrite"}, "pwrite without space");
}
TEST(SqliteEventBusFaultTest, SyncFailsAfterItsEffect) {
  Sweep({.action = CallFaults::Action::kFailAfter, .only = "fdatasync"}, "fdatasync, after it");
}
TEST(SqliteEventBusFaultTest, WritesAreCutShort) {
  Sweep({.action = CallFaults::Action::kShorten}, "read or write, cut short");
}
TEST(SqliteEventBusFaultTest, EverySqliteCallFailsOnce) {
  Sweep({.files = false, .sqlite = true}, "SQLite call, once");
}
TEST(SqliteEventBusFaultTest, EverySqliteCallFailsForEver) {
  Sweep({.for_ever = true, .files = false, .sqlite = true}, "SQLite call, for ever");
}
TEST(SqliteEventBusFaultTest, EverySqliteCallIsBusy) {
  Sweep({.sqlite_code = 5, .files = false, .sqlite = true}, "SQLite call, busy");
}
TEST(SqliteEventBusFaultTest, EverySqliteCallFindsTheDiskFull) {
  Sweep({.for_ever = true, .sqlite_code = 13, .files = false, .sqlite = true}, "SQLite call, disk full");
}

}  // namespace
}  // namespace seshat::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  // Thousands of syncs, of which none must reach a disk here.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  return RUN_ALL_TESTS();
}
