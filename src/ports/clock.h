// Clock: time comes in from outside, so that tests own it.
// Adapters: adapters/system (the real one); tests/support/fakes.h. Thread-safe.
#pragma once

#include <chrono>
#include <stop_token>

#include "core/base/time.h"

namespace seshat {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;  // wall clock, may jump
  virtual std::chrono::steady_clock::time_point SteadyNow() const = 0;
  // False when `stop` ended the sleep early.
  virtual bool SleepFor(std::chrono::nanoseconds duration, std::stop_token stop) = 0;
};

}  // namespace seshat
