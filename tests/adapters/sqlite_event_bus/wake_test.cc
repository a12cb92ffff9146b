#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "adapters/sqlite_event_bus/wake_word.h"
#include "adapters/system/system_clock.h"
#include "support/temp_dir.h"

namespace seshat::sqlite_event_bus {
namespace {

using std::chrono::seconds;
using testing::TempDir;

TEST(WakeWordTest, IsSharedByAllWhoOpenTheFile) {
  const TempDir dir;
  WakeWord one(dir / "wake");
  WakeWord two(dir / "wake");
  ASSERT_TRUE(one.shared() && two.shared());
  const uint32_t seen = two.Read();
  EXPECT_TRUE(one.Read() == seen && one.Ring() == seen);
  EXPECT_EQ(two.Read(), seen + 1);
  EXPECT_TRUE(two.Wait(seen));  // it has changed already
}

TEST(WakeWordTest, RingWakesWhoeverWaits) {
  const TempDir dir;
  WakeWord one(dir / "wake");
  WakeWord two(dir / "wake");
  {
    const std::jthread waiter([&, seen = two.Read()] {
      while (two.Read() == seen) (void)two.Wait(seen);
    });
    one.Ring();
  }
  EXPECT_NE(one.Read(), 0U);
}

TEST(WakeWordTest, TellsWhenNothingHappened) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "wake");
  const WakeWord word(dir / "wake");
  EXPECT_FALSE(word.shared());
  EXPECT_FALSE(word.Wait(word.Read()));
}

// What the file in the way is good for: two buses find each other all the same, by looking again and again.
TEST(WakeWordTest, BusesThatShareNoWordStillMeet) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "bus.db-wake");
  const auto clock = system::MakeSystemClock();
  const auto here = MakeSqliteEventBus({.path = dir / "bus.db"}, *clock).value();
  const auto there = MakeSqliteEventBus({.path = dir / "bus.db"}, *clock).value();
  ASSERT_TRUE(here->EnsureSubscription({.name = "s"}));
  auto received = std::async(std::launch::async, [&] { return there->Receive("s", {.wait = seconds(20)}, {}); });
  const Event e{.id = "1", .type = "T", .data = "{}"};
  ASSERT_TRUE(here->Publish({&e, 1}));
  const auto got = received.get();
  ASSERT_TRUE(got) << got.error().ToString();
  ASSERT_EQ(got->size(), 1U);
  EXPECT_EQ(got->front().event.id, "1");
}

}  // namespace
}  // namespace seshat::sqlite_event_bus
