// A clock that moves only when Advance is called: SleepFor blocks until then (or until its stop token), so that
// threads that wait for each other can be tested without real time.
#pragma once

#include <condition_variable>
#include <mutex>

#include "ports/clock.h"

namespace seshat::testing {

class ManualClock : public Clock {
 public:
  Timestamp Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::steady_clock::time_point SteadyNow() const override {
    return std::chrono::steady_clock::time_point(Now().time_since_epoch());
  }
  bool SleepFor(std::chrono::nanoseconds duration, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    const Timestamp until = now_ + duration;
    moved_.wait(lock, stop, [&] { return now_ >= until; });
    return !stop.stop_requested();
  }
  void Advance(std::chrono::nanoseconds duration) {
    {
      const std::lock_guard lock(mutex_);
      now_ += duration;
    }
    moved_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any moved_;
  Timestamp now_ = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};
};

}  // namespace seshat::testing
