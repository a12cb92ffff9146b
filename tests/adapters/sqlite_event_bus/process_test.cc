// Several processes on one bus: they wake each other, and may be killed at any point.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "adapters/system/system_clock.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;
constexpr const char* kSub = "consumer";
constexpr int kMaxEvents = 100'000;

// What the processes know of each other. Each flag is set after the call returned.
struct Ledger {
  std::atomic<int> next_event;
  std::atomic<int> publishes;
  std::atomic<int> allowed;  // publishes
  std::atomic<int> acknowledgements;
  std::atomic<int> came_back;  // acknowledged events delivered once more
  std::atomic<int> errors;
  std::atomic<bool> stop;
  std::atomic<bool> published[kMaxEvents];
  std::atomic<bool> delivered[kMaxEvents];
  std::atomic<bool> acknowledged[kMaxEvents];
};

class SqliteEventBusProcessTest : public ::testing::Test {
 protected:
  SqliteEventBusProcessTest() {
    void* memory = ::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    ledger_ = new (memory) Ledger{};
  }
  ~SqliteEventBusProcessTest() override { ::munmap(ledger_, sizeof(Ledger)); }

  // The parent stays without threads, so that it may fork: only children have a bus until the end.
  pid_t Start(const std::function<void(EventBus&)>& work) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    {
      const auto clock = system::MakeSystemClock();
      const auto bus = sqlite_event_bus::MakeSqliteEventBus({.path = dir_ / "bus.db"}, *clock);
      if (!bus || !(*bus)->EnsureSubscription({.name = kSub, .max_attempts = 1000})) ::_exit(1);
      work(**bus);
    }
    ::_exit(0);
  }
  static int End(pid_t child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }
  // True when `done` came true in time. Yields meanwhile.
  static bool Await(const std::function<bool()>& done, seconds limit = seconds(20)) {
    for (const auto end = Clock::now() + limit; !done();) {
      if (Clock::now() > end) return false;
      ::sched_yield();
    }
    return true;
  }

  void PublishSome(EventBus& bus, int count) {
    std::vector<Event> events(static_cast<size_t>(count));
    const int first = ledger_->next_event.fetch_add(count);
    for (int i = 0; i < count; ++i) {
      auto& e = events[static_cast<size_t>(i)];
      e.id = std::to_string(first + i);
      e.type = "T";
      e.data = R"({"padding":")" + std::string(500, 'x') + R"("})";
    }
    if (!bus.Publish(events)) {
      ++ledger_->errors;
      return;
    }
    for (int i = 0; i < count; ++i) ledger_->published[first + i] = true;
    ++ledger_->publishes;
  }

  // Answers how many came.
  size_t HandleSome(EventBus& bus, milliseconds wait) {
    const auto got = bus.Receive(kSub, {.max_events = 5, .wait = wait, .lease = milliseconds(50)}, {});
    if (!got) {
      ++ledger_->errors;
      return 0;
    }
    std::vector<std::string> handles;
    for (const auto& d : *got) {
      const int id = std::atoi(d.event.id.c_str());
      if (ledger_->acknowledged[id]) ++ledger_->came_back;
      ledger_->delivered[id] = true;
      handles.push_back(d.handle);
    }
    if (handles.empty()) return 0;
    if (!bus.Acknowledge(kSub, handles)) {
      ++ledger_->errors;
      return 0;
    }
    for (const auto& d : *got) ledger_->acknowledged[std::atoi(d.event.id.c_str())] = true;
    ++ledger_->acknowledgements;
    return handles.size();
  }

  const TempDir dir_;
  Ledger* ledger_ = nullptr;
};

// A consumer that only looks once in a second could not keep up with this.
TEST_F(SqliteEventBusProcessTest, PublishWakesAConsumerInAnotherProcess) {
  const pid_t consumer = Start([&](EventBus& bus) {
    ++ledger_->publishes;  // ready
    while (!ledger_->stop) HandleSome(bus, milliseconds(5000));
  });
  ASSERT_TRUE(Await([&] { return ledger_->publishes == 1; }));
  const pid_t producer = Start([&](EventBus& bus) {
    for (int i = 0; i < 100; ++i) {
      PublishSome(bus, 1);
      Await([&] { return ledger_->acknowledgements > i; });
    }
    ledger_->stop = true;
    PublishSome(bus, 1);  // lets the consumer look up
  });
  EXPECT_TRUE(Await([&] { return ledger_->stop.load(); }, seconds(40)));
  EXPECT_EQ(End(producer), 0);
  EXPECT_EQ(End(consumer), 0);
  EXPECT_GE(ledger_->acknowledgements, 100);
  EXPECT_EQ(ledger_->errors, 0);
}

TEST_F(SqliteEventBusProcessTest, NothingIsLostAndNothingComesBackWhenProcessesAreKilled) {
  constexpr int kRounds = 70;
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  int kills = 0;
  for (int round = 0; round < kRounds; ++round) {
    const int publishes = ledger_->publishes + static_cast<int>(random() % 12);
    const int acknowledgements = ledger_->acknowledgements + static_cast<int>(random() % 6);
    ledger_->allowed = publishes + 400;  // so that it is still at work when it dies
    const pid_t producer = Start([&](EventBus& bus) {
      for (int i = 0; true; ++i) {
        PublishSome(bus, 1 + i % 3);
        while (ledger_->publishes >= ledger_->allowed) ::sched_yield();
      }
    });
    const pid_t consumer = Start([&](EventBus& bus) {
      while (true) HandleSome(bus, milliseconds(100));
    });
    EXPECT_TRUE(Await([&] { return ledger_->publishes >= publishes; }));
    EXPECT_TRUE(Await([&] { return ledger_->acknowledgements >= acknowledgements; }));
    for (const pid_t victim : round % 2 == 0 ? std::array{producer, consumer} : std::array{consumer, producer}) {
      for (auto n = random() % 50; n > 0; --n) ::sched_yield();  // to anywhere in the next call
      ::kill(victim, SIGKILL);
    }
    kills += WIFSIGNALED(End(producer)) ? 1 : 0;
    kills += WIFSIGNALED(End(consumer)) ? 1 : 0;
  }
  EXPECT_GE(kills, 100);
  const pid_t last = Start([&](EventBus& bus) {
    const auto left = [&] {
      const auto stats = bus.Stats(kSub);
      return stats ? stats->ready + stats->in_flight : 1;
    };
    for (const auto end = Clock::now() + seconds(30); left() > 0 && Clock::now() < end;)
      HandleSome(bus, milliseconds(100));
  });
  EXPECT_EQ(End(last), 0);
  int published = 0;
  for (int id = 0; id < ledger_->next_event; ++id) {
    if (!ledger_->published[id]) continue;
    ++published;
    EXPECT_TRUE(ledger_->delivered[id]) << "event " << id << " is lost";
  }
  std::cout << kills << " kills, " << published << " events published, " << ledger_->acknowledgements
            << " batches acknowledged\n";
  EXPECT_EQ(ledger_->came_back, 0);
  EXPECT_EQ(ledger_->errors, 0);
}

}  // namespace
}  // namespace seshat::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  // What a killed process leaves behind is in the kernel's hands, whatever the disk does.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  return RUN_ALL_TESTS();
}
