// The suite of what surrounds a handler: whatever a handler does, and whatever the bus does, an event ends as its
// verdict says or comes again, and the loop goes on.
#include "services/consuming/consumer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "support/fakes.h"
#include "support/faulty_ports.h"

namespace seshat::consuming {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FaultPlan;
using ::testing::HasSubstr;

constexpr std::string_view kName = "work";
constexpr uint32_t kMaxAttempts = 5;

// Handles each delivery with a function, and remembers what it saw.
class Script : public Handler {
 public:
  using Step = std::function<Verdict(const Delivery&, const Turn&)>;
  explicit Script(Step step) : step_(std::move(step)) {}
  Verdict Handle(const Delivery& delivery, const Turn& turn) override {
    {
      const std::lock_guard lock(mutex_);
      ++seen_[delivery.event.id];
    }
    return step_(delivery, turn);
  }
  int seen(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return seen_[id];
  }

 private:
  const Step step_;
  std::mutex mutex_;
  std::map<std::string, int> seen_;
};

Verdict Succeed(const Delivery&, const Turn&) { return Verdict::Done(); }

// Waits as a handler in a long call would, that only its stop token can end. True where it did.
bool WaitForStop(const Turn& turn) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, turn.stop, 30s, [] { return false; });
  return turn.stop.stop_requested();
}

// A bus that tells how often leases were renewed, and loses those it is told to.
class LeaseBus : public testing::FaultyEventBus {
 public:
  using FaultyEventBus::FaultyEventBus;
  Status Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease) override {
    const int number = ++extended;
    extended.notify_all();
    if (lost && lost(number)) return Fail(ErrorCode::kNotFound, "the lease is lost");
    return FaultyEventBus::Extend(subscription, handle, lease);
  }
  void AwaitExtensions(int wanted) {
    for (int seen = extended; seen < wanted; seen = extended) extended.wait(seen);
  }

  std::atomic<int> extended = 0;
  std::function<bool(int)> lost;
};

class ConsumerTest : public ::testing::Test {
 protected:
  ConsumerTest() { EXPECT_TRUE(inner->EnsureSubscription({.name = std::string(kName), .max_attempts = kMaxAttempts})); }

  void Publish(std::initializer_list<std::string> ids) {
    for (const std::string& id : ids) {
      const Event event{.id = id, .type = "Test", .source = "x", .subject = "session-" + id, .data = "{}"};
      ASSERT_TRUE(inner->Publish({&event, 1}));
    }
  }
  ConsumerPorts ports() { return {bus, clock, random, logger}; }
  static ConsumerOptions Options() { return {.subscription = std::string(kName), .receive_wait = 0ms}; }
  SubscriptionStats Stats() { return inner->Stats(kName).value(); }
  std::vector<DeadLetter> Dead() { return inner->DeadLetters(kName, "", 100).value().letters; }
  void RunRounds(Consumer& consumer, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      ASSERT_TRUE(consumer.RunOnce({}));
      clock.Advance(13h);
    }
  }

  testing::FakeClock clock;
  testing::SeededRandom random;
  testing::MemoryLogger logger;
  std::unique_ptr<EventBus> inner = memory_event_bus::MakeMemoryEventBus(clock);
  FaultPlan none;
  LeaseBus bus{*inner, none};
};

TEST_F(ConsumerTest, ADoneEventNeverComesAgain) {
  Publish({"a"});
  Script script(Succeed);
  OneByOne handler(script);
  Consumer consumer(ports(), Options(), handler);
  EXPECT_EQ(consumer.RunOnce({}), 1U);
  clock.Advance(24h);
  EXPECT_EQ(consumer.RunOnce({}), 0U);
  EXPECT_EQ(script.seen("a"), 1);
}

TEST_F(ConsumerTest, AnEventThatIsNotDoneComesAgainAfterItsDelay) {
  Publish({"a"});
  Script script([](const Delivery& delivery, const Turn&) {
    return delivery.attempt == 1 ? Verdict{.delay = 10min, .reason = "not yet"} : Verdict::Done();
  });
  OneByOne handler(script);
  Consumer consumer(ports(), Options(), handler);
  EXPECT_EQ(consumer.RunOnce({}), 1U);
  clock.Advance(9min);
  EXPECT_EQ(consumer.RunOnce({}), 0U);
  clock.Advance(2min);
  EXPECT_EQ(consumer.RunOnce({}), 1U);
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, PoisonIsADeadLetterWithinSecondsAndHoldsUpNobody) {
  Publish({"poison", "good"});
  Script script([this](const Delivery& delivery, const Turn&) {
    if (delivery.event.id == "good") return Verdict::Done();
    return AfterError({ErrorCode::kInvalidArgument, "no event at all"}, delivery.attempt, {1h, 1h}, random);
  });
  OneByOne handler(script);
  Consumer consumer(ports(), Options(), handler);
  const auto begin = clock.Now();
  while (*consumer.RunOnce({}) > 0) {
  }
  EXPECT_LT(clock.Now() - begin, 5s);
  EXPECT_EQ(script.seen("good"), 1);
  EXPECT_EQ(script.seen("poison"), static_cast<int>(kMaxAttempts));
  const auto dead = Dead();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_THAT(dead[0].reason, HasSubstr("no event at all"));
}

TEST_F(ConsumerTest, APassingErrorIsWaitedOutAndLosesNothing) {
  Publish({"a"});
  Script script([this](const Delivery& delivery, const Turn&) {
    if (delivery.attempt == kMaxAttempts) return Verdict::Done();
    return AfterError({ErrorCode::kUnavailable, "away"}, delivery.attempt, {1min, 1h}, random);
  });
  OneByOne handler(script);
  Consumer consumer(ports(), Options(), handler);
  RunRounds(consumer, kMaxAttempts);
  EXPECT_EQ(script.seen("a"), static_cast<int>(kMaxAttempts));
  EXPECT_TRUE(Dead().empty());
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, ALongHandlerKeepsItsLease) {
  Publish({"a"});
  Script script([this](const Delivery&, const Turn& turn) {
    bus.AwaitExtensions(3);
    EXPECT_FALSE(turn.stop.stop_requested());
    return Verdict::Done();
  });
  OneByOne handler(script);
  auto options = Options();
  options.lease = 30ms;
  EXPECT_EQ(Consumer(ports(), options, handler).RunOnce({}), 1U);
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, AHandlerThatWaitsByTheClockKeepsItsLease) {
  Publish({"a"});
  Script script([this](const Delivery&, const Turn& turn) {
    for (int i = 0; i < 100; ++i) {
      clock.Advance(20s);
      turn.keep_alive();
      EXPECT_EQ(inner->Receive(kName, {.wait = 0ms}, {}).value().size(), 0U) << "somebody else has it";
    }
    return Verdict::Done();
  });
  OneByOne handler(script);
  EXPECT_EQ(Consumer(ports(), Options(), handler).RunOnce({}), 1U);
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, ALeaseLostWhileHandlingStopsTheHandler) {
  Publish({"a"});
  bus.lost = [](int number) { return number == 1; };
  Script script([](const Delivery& delivery, const Turn& turn) {
    if (delivery.attempt > 1) return Verdict::Done();
    return WaitForStop(turn) ? Verdict{.reason = "stopped"} : Verdict::Done();
  });
  OneByOne handler(script);
  auto options = Options();
  options.lease = 30ms;
  Consumer consumer(ports(), options, handler);
  RunRounds(consumer, 2);
  EXPECT_EQ(script.seen("a"), 2);
  EXPECT_EQ(Stats().ready + Stats().in_flight + Stats().dead, 0U);
}

// The others of the batch are still ours, and their work is not thrown away.
TEST_F(ConsumerTest, OneLostLeaseStopsNoBatch) {
  Publish({"a", "b"});
  bus.lost = [](int number) { return number == 1; };
  bool stopped = true;
  class Batch : public BatchHandler {
   public:
    Batch(LeaseBus& bus, bool& stopped) : bus_(bus), stopped_(stopped) {}
    std::vector<Verdict> HandleBatch(std::span<const Delivery> deliveries, const Turn& turn) override {
      bus_.AwaitExtensions(4);
      stopped_ = turn.stop.stop_requested();
      return std::vector<Verdict>(deliveries.size(), Verdict::Done());
    }

   private:
    LeaseBus& bus_;
    bool& stopped_;
  } handler(bus, stopped);
  auto options = Options();
  options.batch = 10;
  options.lease = 30ms;
  EXPECT_EQ(Consumer(ports(), options, handler).RunOnce({}), 2U);
  EXPECT_FALSE(stopped);
}

TEST_F(ConsumerTest, AFaultOfTheBusIsNoLostLease) {
  Publish({"a"});
  FaultPlan away({.fail_at = 2, .for_ever = true});  // the first call receives
  LeaseBus faulty(*inner, away);
  Script script([&](const Delivery&, const Turn& turn) {
    faulty.AwaitExtensions(3);
    EXPECT_FALSE(turn.stop.stop_requested());
    away.Repair();
    return Verdict::Done();
  });
  OneByOne handler(script);
  auto options = Options();
  options.lease = 30ms;
  EXPECT_EQ(Consumer({faulty, clock, random, logger}, options, handler).RunOnce({}), 1U);
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, AStopDuringHandlingGivesTheEventBackAtOnce) {
  Publish({"a", "b"});
  std::stop_source stop;
  Script script([&](const Delivery& delivery, const Turn& turn) {
    stop.request_stop();
    EXPECT_TRUE(WaitForStop(turn));
    return AfterError({ErrorCode::kCancelled, "stopping"}, delivery.attempt, {1h, 1h}, random);
  });
  OneByOne handler(script);
  auto options = Options();
  options.batch = 10;
  Consumer(ports(), options, handler).Run(stop.get_token());
  EXPECT_EQ(script.seen("a") + script.seen("b"), 1) << "the second of the batch was begun after the stop";
  EXPECT_EQ(Stats().ready, 2U) << "both can be taken at once";
  EXPECT_EQ(Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, AHandlerPastItsDeadlineIsStoppedAndItsLeaseEnds) {
  Publish({"a"});
  int renewed = 0;
  Script script([&](const Delivery& delivery, const Turn& turn) {
    EXPECT_LT(turn.deadline, std::chrono::steady_clock::time_point::max());
    EXPECT_TRUE(WaitForStop(turn));
    renewed = bus.extended;
    turn.keep_alive();
    EXPECT_EQ(bus.extended, renewed) << "a lease was renewed after the deadline";
    return AfterError({ErrorCode::kCancelled, "out of time"}, delivery.attempt, {1h, 1h}, random);
  });
  OneByOne handler(script);
  auto options = Options();
  options.handle_limit = 40ms;
  Consumer consumer(ports(), options, handler);
  for (uint32_t i = 0; i < kMaxAttempts; ++i) EXPECT_EQ(consumer.RunOnce({}), 1U);
  const auto dead = Dead();
  ASSERT_EQ(dead.size(), 1U) << "a handler that never ends must not keep its event for ever";
  EXPECT_THAT(dead[0].reason, HasSubstr("out of time"));
}

TEST_F(ConsumerTest, AHandlerThatEndsLateIsBelieved) {
  Publish({"a"});
  Script script([](const Delivery&, const Turn& turn) {
    EXPECT_TRUE(WaitForStop(turn));
    return Verdict::Done();
  });
  OneByOne handler(script);
  auto options = Options();
  options.handle_limit = 20ms;
  EXPECT_EQ(Consumer(ports(), options, handler).RunOnce({}), 1U);
  EXPECT_EQ(Stats().ready + Stats().in_flight + Stats().dead, 0U);
}

TEST_F(ConsumerTest, EachDeliveryOfABatchHasItsOwnFate) {
  Publish({"a", "b", "c"});
  Script script([](const Delivery& delivery, const Turn&) {
    return delivery.event.id == "b" ? Verdict{.delay = 1h, .reason = "later"} : Verdict::Done();
  });
  OneByOne handler(script);
  auto options = Options();
  options.batch = 10;
  EXPECT_EQ(Consumer(ports(), options, handler).RunOnce({}), 3U);
  EXPECT_EQ(Stats().ready, 1U);
  EXPECT_EQ(Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, AnAnswerThatTheBusDoesNotTakeMeansOnceMore) {
  Publish({"a"});
  FaultPlan once({.fail_at = 2});  // 1 receive, 2 acknowledge
  testing::FaultyEventBus faulty(*inner, once);
  Script script(Succeed);
  OneByOne handler(script);
  Consumer consumer({faulty, clock, random, logger}, Options(), handler);
  RunRounds(consumer, 2);
  EXPECT_EQ(script.seen("a"), 2);
  EXPECT_TRUE(logger.Holds("the event bus did not take an answer"));
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
}

TEST_F(ConsumerTest, AnOutageOfTheBusIsWaitedOutWithBackoff) {
  Publish({"a"});
  class AwayBus : public testing::FaultyEventBus {
   public:
    AwayBus(EventBus& inner, FaultPlan& plan, Clock& clock) : FaultyEventBus(inner, plan), clock_(clock) {}
    Result<std::vector<Delivery>> Receive(std::string_view name, const ReceiveOptions& options,
                                          std::stop_token stop) override {
      asked.push_back(clock_.Now());
      if (clock_.Now() - asked.front() < 1h) return Fail(ErrorCode::kUnavailable, "the bus is away");
      return FaultyEventBus::Receive(name, options, std::move(stop));
    }
    std::vector<Timestamp> asked;

   private:
    Clock& clock_;
  } away(*inner, none, clock);
  std::stop_source stop;
  Script script([&](const Delivery&, const Turn&) {
    stop.request_stop();
    return Verdict::Done();
  });
  OneByOne handler(script);
  Consumer({away, clock, random, logger}, Options(), handler).Run(stop.get_token());
  EXPECT_EQ(script.seen("a"), 1);
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
  // With full jitter half of the cap on average: far fewer questions than an eager loop, and never a pause above it.
  EXPECT_GT(away.asked.size(), 120U);
  EXPECT_LT(away.asked.size(), 480U);
  for (size_t i = 1; i < away.asked.size(); ++i) EXPECT_LE(away.asked[i] - away.asked[i - 1], 30s);
  EXPECT_LE(away.asked[1] - away.asked[0], 100ms);
  EXPECT_TRUE(logger.Holds("the event bus cannot be read now"));
}

TEST_F(ConsumerTest, AStopDuringAnOutageEndsTheLoop) {
  FaultPlan away({.fail_at = 1, .for_ever = true});
  std::stop_source stop;
  class StoppingBus : public testing::FaultyEventBus {
   public:
    StoppingBus(EventBus& inner, FaultPlan& plan, std::stop_source& source)
        : FaultyEventBus(inner, plan), source_(source) {}
    Result<std::vector<Delivery>> Receive(std::string_view name, const ReceiveOptions& options,
                                          std::stop_token token) override {
      if (++asked == 3) source_.request_stop();
      return FaultyEventBus::Receive(name, options, std::move(token));
    }
    int asked = 0;

   private:
    std::stop_source& source_;
  } faulty(*inner, away, stop);
  Script script(Succeed);
  OneByOne handler(script);
  Consumer({faulty, clock, random, logger}, Options(), handler).Run(stop.get_token());
  EXPECT_EQ(faulty.asked, 3);
}

TEST_F(ConsumerTest, SeveralThreadsShareASubscription) {
  for (int i = 0; i < 50; ++i) Publish({std::to_string(i)});
  std::atomic<int> done = 0;
  Script script([&](const Delivery&, const Turn&) {
    ++done;
    return Verdict::Done();
  });
  OneByOne handler(script);
  Consumer consumer(ports(), Options(), handler);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        while (done < 50) EXPECT_TRUE(consumer.RunOnce({}));
      });
  }
  EXPECT_EQ(done, 50);
  EXPECT_EQ(Stats().ready + Stats().in_flight, 0U);
}

}  // namespace
}  // namespace seshat::consuming
