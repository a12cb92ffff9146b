// Waiting consumers, several of them, several buses.
#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "conformance/event_bus/event_bus_steps.h"

namespace seshat::conformance::event_bus {
namespace {

using Received = Result<std::vector<Delivery>>;

// A Receive on a thread of its own. Its end can be waited for; when it goes out of scope the thread is made to
// end, by the stop token and by letting the whole wait pass.
class Consumer {
 public:
  Consumer(Harness& h, EventBus& bus, milliseconds wait)
      : h_(h), received_(std::async(std::launch::async, [this, &bus, wait]() -> Received {
          started_ = true;
          started_.notify_all();
          return bus.Receive(kSub, {.wait = wait, .lease = seconds(10)}, stop_.get_token());
        })) {
    started_.wait(false);
  }
  ~Consumer() {
    stop_.request_stop();
    if (!Done(h_.limit())) h_.Advance(seconds(30));
    if (received_.valid()) received_.wait();
  }
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  bool Done(milliseconds limit) { return !received_.valid() || received_.wait_for(limit) == std::future_status::ready; }
  Received Get() { return received_.get(); }
  void Stop() { stop_.request_stop(); }

 private:
  Harness& h_;
  std::stop_source stop_;
  std::atomic<bool> started_{false};
  std::future<Received> received_;
};

void ExpectOne(Consumer& consumer, Harness& h, const std::string& id) {
  if (!consumer.Done(h.limit())) {
    ADD_FAILURE() << "still waiting for " << id;
    return;
  }
  const auto received = consumer.Get();
  ASSERT_TRUE(received) << received.error().ToString();
  EXPECT_EQ(SortedIds(*received), std::vector<std::string>{id});
  Acknowledge(h, *received);
}

// Advances in steps of `step` until the consumer is done or `most` has passed. Answers whether it is done.
bool AdvanceUntilDone(Harness& h, Consumer& consumer, milliseconds step, milliseconds most) {
  for (milliseconds passed(0); passed < most; passed += step) {
    h.Advance(step);
    if (consumer.Done(milliseconds(40))) return true;
  }
  return false;
}

void WaitEndsInTime(Harness& h) {
  Subscribe(h);
  Consumer consumer(h, h.bus(), seconds(1));
  if (!AdvanceUntilDone(h, consumer, milliseconds(200), seconds(15))) {
    ADD_FAILURE() << "still waiting after 15 s";
    return;
  }
  const auto received = consumer.Get();
  ASSERT_TRUE(received) << received.error().ToString();
  EXPECT_TRUE(received->empty());
}

void PublishEndsTheWait(Harness& h) {
  Subscribe(h);
  for (int round = 0; round < 20; ++round) {
    Consumer consumer(h, h.bus(), seconds(20));
    if (round % 2 == 0) consumer.Done(milliseconds(5));  // let it fall asleep first
    const std::string id = std::to_string(round);
    PublishIds(h, {id});
    ExpectOne(consumer, h, id);
    if (::testing::Test::HasFailure()) return;
  }
}

void StopEndsTheWait(Harness& h) {
  Subscribe(h);
  for (int round = 0; round < 10; ++round) {
    Consumer consumer(h, h.bus(), seconds(20));
    if (round % 2 == 0) consumer.Done(milliseconds(5));
    consumer.Stop();
    if (!consumer.Done(h.limit())) {
      ADD_FAILURE() << "stop was not heard";
      return;
    }
    const auto received = consumer.Get();
    ASSERT_TRUE(received) << received.error().ToString();
    EXPECT_TRUE(received->empty());
  }
}

void DelayedEventEndsTheWait(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  EXPECT_TRUE(h.bus().Retry(kSub, ReceiveOne(h).handle, seconds(2), "later"));
  Consumer consumer(h, h.bus(), seconds(20));
  if (AdvanceUntilDone(h, consumer, seconds(1), seconds(8))) {
    ExpectOne(consumer, h, "a");
  } else {
    ADD_FAILURE() << "still waiting 6 s after the delay";
  }
}

void EndedLeaseEndsTheWait(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery first = ReceiveOne(h);
  Consumer consumer(h, h.bus(), seconds(20));
  EXPECT_TRUE(h.bus().Extend(kSub, first.handle, seconds(2)));
  if (AdvanceUntilDone(h, consumer, seconds(1), seconds(8))) {
    ExpectOne(consumer, h, "a");
  } else {
    ADD_FAILURE() << "still waiting 6 s after the end of the lease";
  }
}

void SeveralBusesShareOneState(Harness& h) {
  Subscribe(h);
  if (!h.bus().capabilities().several_processes) GTEST_SKIP() << "one process only, it says";
  const auto other = h.Another();
  ASSERT_NE(other, nullptr);
  PublishIds(h, {"a"});
  auto here = ReceiveOnce(*other);
  EXPECT_EQ(SortedIds(here), std::vector<std::string>{"a"});
  EXPECT_TRUE(NothingThere(h));
  EXPECT_TRUE(h.bus().Acknowledge(kSub, Handles(here)));
  for (int round = 0; round < 10; ++round) {
    Consumer consumer(h, *other, seconds(20));
    if (round % 2 == 0) consumer.Done(milliseconds(5));
    const std::string id = std::to_string(round);
    PublishIds(h, {id});
    ExpectOne(consumer, h, id);
    if (::testing::Test::HasFailure()) return;
  }
}

// Eight producers, four consumers, nobody dies: each event is handled once.
void EachEventOnceWhenNobodyDies(Harness& h) {
  constexpr int kProducers = 8;
  constexpr int kEach = 40;
  Subscribe(h);
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, int> handled;
  int errors = 0;
  std::stop_source stop;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop.stop_requested()) {
        const auto got =
            h.bus().Receive(kSub, {.max_events = 7, .wait = seconds(20), .lease = seconds(60)}, stop.get_token());
        const bool done = got && h.bus().Acknowledge(kSub, Handles(*got));
        const std::lock_guard lock(mutex);
        errors += done ? 0 : 1;
        if (!got) break;
        for (const auto& d : *got) ++handled[d.event.id];
        changed.notify_all();
      }
    });
  }
  for (int p = 0; p < kProducers; ++p) {
    threads.emplace_back([&, p] {
      for (int i = 0; i < kEach; i += 2) {
        const std::string id = std::to_string(p) + "-" + std::to_string(i);
        const std::vector<Event> two = {MakeEvent(id), MakeEvent(id + "+1")};
        if (h.bus().Publish(two)) continue;
        const std::lock_guard lock(mutex);
        ++errors;
      }
    });
  }
  {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, h.limit(), [&] { return handled.size() >= size_t{kProducers} * kEach; });
  }
  stop.request_stop();
  if (h.limit() < seconds(10)) h.Advance(seconds(30));  // a broken bus may not hear the stop
  threads.clear();
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(handled.size(), size_t{kProducers} * kEach);
  for (const auto& [id, times] : handled) EXPECT_EQ(times, 1) << id;
  EXPECT_TRUE(NothingThere(h));
}

}  // namespace

std::span<const Case<Harness>> WaitingCases() {
  static constexpr Case<Harness> kCases[] = {
      {"WaitEndsInTime", WaitEndsInTime},
      {"PublishEndsTheWait", PublishEndsTheWait},
      {"StopEndsTheWait", StopEndsTheWait},
      {"DelayedEventEndsTheWait", DelayedEventEndsTheWait},
      {"EndedLeaseEndsTheWait", EndedLeaseEndsTheWait},
      {"SeveralBusesShareOneState", SeveralBusesShareOneState},
      {"EachEventOnceWhenNobodyDies", EachEventOnceWhenNobodyDies},
  };
  return kCases;
}

}  // namespace seshat::conformance::event_bus
