// A limit in bytes a second. What was taken is a debt to be worked off, so that one file may be larger than any
// bucket. Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "ports/clock.h"

namespace seshat::migration {

class TokenBucket {
 public:
  // 0: no limit.
  TokenBucket(Clock& clock, uint64_t bytes_per_second)
      : clock_(clock), rate_(static_cast<double>(bytes_per_second)), free_at_(clock.SteadyNow()) {}

  // How long until the next bytes may be taken; zero: now.
  std::chrono::nanoseconds Wait() {
    const std::lock_guard lock(mutex_);
    return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(free_at_ - clock_.SteadyNow()));
  }
  void Take(uint64_t bytes) {
    if (rate_ <= 0) return;
    const std::lock_guard lock(mutex_);
    const std::chrono::duration<double> cost(static_cast<double>(bytes) / rate_);
    free_at_ = std::max(free_at_, clock_.SteadyNow()) + std::chrono::duration_cast<std::chrono::nanoseconds>(cost);
  }

 private:
  Clock& clock_;
  double rate_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point free_at_;
};

}  // namespace seshat::migration
