// How many requests a second to begin, where the server refuses more than so many (503 SlowDown). No setting.
//
// Without a limit until the first refusal. A server that refuses some requests accepts as many as it can: their rate,
// over a short while that begins with a refusal, is its limit. Sending goes on just below it and climbs slowly; every
// refusal measures it anew. A long time without refusals means that the limit has gone: climbing becomes faster and
// faster.
//
// Not thread-safe. Time is passed in.
#pragma once

#include <chrono>
#include <cstdint>

namespace seshat::s3_store {

class Pacer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  bool MaySend(Time now);
  // A request begins.
  void Sent(Time now);
  // When MaySend says yes, unless something changes before.
  Time next() const;

  void Accepted(Time now);
  // Refused `times` requests; `per_second`: the rate of late, which counts where there was no limit yet.
  void Refused(uint64_t times, double per_second, Time now);

 private:
  void Begin(double per_second, Time now);
  void Refill(Time now);
  void Climb(Time now);
  void EndMeasureIfDue(Time now);

  bool limited_ = false;
  double rate_ = 0;
  double tokens_ = 0;
  Time filled_{};

  // Climbing.
  double growth_ = 0;  // by this share each step
  double sent_ = 0;    // since the last step
  Time step_{};
  Time calm_since_{};  // without refusals, or the last time that growth became faster

  // Measuring what the server bears.
  bool measuring_ = false;
  Time measure_begun_{};
  double accepted_ = 0;
  double refused_ = 0;
  double known_ = 0;  // the last result, 0: none
};

}  // namespace seshat::s3_store
