// The controller against servers that are computed, in virtual time.
#include "adapters/s3_store/concurrency.h"

#include <gtest/gtest.h>

#include <functional>
#include <queue>
#include <random>

namespace seshat::s3_store {
namespace {

using Time = ConcurrencyController::Time;
using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

nanoseconds Nanoseconds(double in_seconds) {
  return std::chrono::duration_cast<nanoseconds>(duration<double>(in_seconds));
}

// Requests of `bytes` in a closed loop; `most_per_second` are accepted, the others answered 503 and sent again after a
// while, as the retrying client does.
struct Outcome {
  double per_second = 0;
  double refused_share = 0;
  size_t limit = 0;
};

class Simulation {
 public:
  double latency = 0.030;
  double bytes_per_second_each = 20e6;  // of one connection
  double bytes_per_second_all = 1e12;   // of the link
  double most_per_second = 1e12;
  uint64_t bytes = 100 << 10;

  Outcome Run(double for_seconds) {
    ConcurrencyController controller(256);
    std::mt19937 random(7);
    std::uniform_real_distribution<> jitter(0.9, 1.1);
    // An attempt that reaches the server, or an answer that reaches the client.
    struct Event {
      Time at;
      bool answer;
      bool operator>(const Event& other) const { return at > other.at; }
    };
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
    Time now{seconds(1)};
    const Time end = now + Nanoseconds(for_seconds);
    const double bucket = most_per_second / 20;  // 50 ms' worth of requests
    double tokens = bucket;
    Time filled = now;
    Time link_free = now;
    size_t in_flight = 0;
    uint64_t accepted = 0;
    uint64_t refused = 0;
    while (now < end) {
      for (; in_flight < controller.limit(); ++in_flight) events.push({now, false});
      Event event = events.top();
      events.pop();
      now = event.at;
      if (event.answer) {
        --in_flight;
        ++accepted;
        controller.Answered(bytes, now);
        continue;
      }
      tokens = std::min(bucket, tokens + most_per_second * duration<double>(now - filled).count());
      filled = now;
      if (tokens < 1) {
        ++refused;
        controller.Refused(1, now);
        event.at += Nanoseconds(latency + 0.5 * std::uniform_real_distribution<>(0, 1)(random));
      } else {
        tokens -= 1;
        link_free = std::max(link_free, now) + Nanoseconds(static_cast<double>(bytes) / bytes_per_second_all);
        event.answer = true;
        event.at = std::max(
            now + Nanoseconds(latency * jitter(random) + static_cast<double>(bytes) / bytes_per_second_each),
            link_free + Nanoseconds(latency));
      }
      events.push(event);
    }
    return {static_cast<double>(accepted) / for_seconds,
            static_cast<double>(refused) / static_cast<double>(accepted + refused), controller.limit()};
  }
};

TEST(Concurrency, StaysJustBelowAServersLimit) {
  Simulation s3;
  s3.most_per_second = 3500;
  const Outcome outcome = s3.Run(20);
  EXPECT_GE(outcome.per_second, 0.95 * 3500);
  EXPECT_LE(outcome.refused_share, 0.01);
}

TEST(Concurrency, OpensAsManyConnectionsAsTheLinkTakes) {
  Simulation link;
  link.bytes = 8 << 20;
  link.bytes_per_second_all = 1.25e9;  // 10 Gbit/s, 20 MB/s a connection: 62 of them
  const Outcome outcome = link.Run(60);
  EXPECT_GE(outcome.per_second * static_cast<double>(link.bytes), 0.8 * 1.25e9);
}

TEST(Concurrency, KeepsFewConnectionsOnANarrowLink) {
  Simulation link;
  link.bytes = 8 << 20;
  link.bytes_per_second_all = 12.5e6;
  const Outcome outcome = link.Run(600);
  EXPECT_LE(outcome.limit, 16U);
  EXPECT_GE(outcome.per_second * static_cast<double>(link.bytes), 0.9 * 12.5e6);
}

TEST(Concurrency, FallsWhenConnectionsAreLost) {
  ConcurrencyController controller(256);
  Time now{seconds(1)};
  const auto round = [&](auto each) {
    for (size_t i = 0, n = controller.limit(); i < n; ++i) each();
    now += milliseconds(50);
    each();
  };
  for (int i = 0; i < 10; ++i) round([&] { controller.Answered(1000, now); });
  const size_t before = controller.limit();
  EXPECT_GT(before, 8U);
  round([&] { controller.Lost(now); });
  EXPECT_LE(controller.limit(), before / 2 + 1);
  for (int i = 0; i < 20; ++i) round([&] { controller.Lost(now); });
  EXPECT_EQ(controller.limit(), 1U);
}

TEST(Concurrency, LearnsNothingFromAnEmptyFeed) {
  ConcurrencyController controller(256);
  Time now{seconds(1)};
  const size_t before = controller.limit();
  for (int i = 0; i < 1000; ++i) {
    controller.Starved();
    controller.Answered(1000, now);
    now += milliseconds(20);
  }
  EXPECT_EQ(controller.limit(), before);
}

}  // namespace
}  // namespace seshat::s3_store
