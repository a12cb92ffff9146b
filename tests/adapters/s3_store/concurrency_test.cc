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

  Outcome Run(double for_seconds) { return Run(for_seconds, UINT64_MAX); }

  // As many seconds or accepted requests, whatever comes first.
  Outcome Run(double for_seconds, uint64_t most_requests) {
    ConcurrencyController controller(256);
    const Time begin{seconds(1)};
    const Time end = begin + Nanoseconds(for_seconds);
    Time now = begin;
    events_ = {};
    tokens_ = most_per_second / 20;
    filled_ = link_free_ = now;
    uint64_t begun = 0;
    uint64_t accepted = 0;
    uint64_t refused = 0;
    size_t in_flight = 0;
    while (now < end && accepted < most_requests) {
      for (; begun < most_requests && controller.MayBegin(in_flight, now); ++in_flight, ++begun) {
        controller.Begun(now);
        events_.push({now, Event::kAttempt});
      }
      // The client's clock waits for milliseconds.
      const Time wake = controller.paced() ? std::chrono::ceil<milliseconds>(controller.next()) : Time::max();
      if (events_.empty() || events_.top().at > wake) {
        now = wake;
        continue;
      }
      const Event event = events_.top();
      events_.pop();
      now = event.at;
      if (event.kind == Event::kAttempt) {
        Arrive(now);
      } else if (event.kind == Event::kAnswer) {
        --in_flight;
        ++accepted;
        controller.Answered(bytes, now);
      } else {
        ++refused;
        controller.Refused(1, now);
        events_.push({now + Nanoseconds(0.5 * std::uniform_real_distribution<>(0, 1)(random_)), Event::kAttempt});
      }
    }
    return {static_cast<double>(accepted) / duration<double>(now - begin).count(),
            static_cast<double>(refused) / static_cast<double>(accepted + refused), controller.limit()};
  }

 private:
  struct Event {
    enum Kind { kAttempt, kAnswer, kRefusal };  // reaches the server, or the client
    Time at;
    Kind kind;
    bool operator>(const Event& other) const { return at > other.at; }
  };

  void Arrive(Time now) {
    const double bucket = most_per_second / 20;  // 50 ms' worth of requests
    tokens_ = std::min(bucket, tokens_ + most_per_second * duration<double>(now - filled_).count());
    filled_ = now;
    if (tokens_ < 1) return events_.push({now + Nanoseconds(latency), Event::kRefusal});
    tokens_ -= 1;
    link_free_ = std::max(link_free_, now) + Nanoseconds(static_cast<double>(bytes) / bytes_per_second_all);
    const double jitter = std::uniform_real_distribution<>(0.9, 1.1)(random_);
    const Time answered = now + Nanoseconds(latency * jitter + static_cast<double>(bytes) / bytes_per_second_each);
    events_.push({std::max(answered, link_free_ + Nanoseconds(latency)), Event::kAnswer});
  }

  std::mt19937 random_{7};
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  double tokens_ = 0;
  Time filled_{};
  Time link_free_{};
};

TEST(Concurrency, StaysJustBelowAServersLimit) {
  for (const double most : {500.0, 3500.0, 5500.0}) {
    Simulation s3;
    s3.most_per_second = most;
    const Outcome outcome = s3.Run(20);
    EXPECT_GE(outcome.per_second, 0.95 * most) << most;
    EXPECT_LE(outcome.refused_share, 0.01) << most;
  }
}

TEST(Concurrency, ReachesAServersLimitSoon) {
  Simulation s3;
  s3.most_per_second = 3500;
  const Outcome outcome = s3.Run(20, 10'000);
  EXPECT_GE(outcome.per_second, 0.95 * 3500);
  EXPECT_LE(outcome.refused_share, 0.01);
}

// A storm of refusals that have nothing to do with the rate, and then none.
TEST(Concurrency, ComesBackAfterAStorm) {
  ConcurrencyController controller(256);
  std::mt19937 random(7);
  Time now{seconds(1)};
  uint64_t answers = 0;
  const auto run = [&](double for_seconds, double refused) {
    answers = 0;
    for (const Time end = now + Nanoseconds(for_seconds); now < end; now += milliseconds(1)) {
      for (size_t sent = 0; sent < 4 && controller.MayBegin(sent, now); ++sent) {
        controller.Begun(now);
        if (std::uniform_real_distribution<>(0, 1)(random) < refused) {
          controller.Refused(1, now);
        } else {
          controller.Answered(1000, now);
          ++answers;
        }
      }
    }
  };
  run(60, 0.5);
  EXPECT_GE(answers, 60U * 5);
  run(30, 0);
  run(1, 0);
  EXPECT_GE(answers, 3500U);
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
