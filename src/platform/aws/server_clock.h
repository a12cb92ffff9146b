// The servers' time: what signatures and the ends of credentials are measured by.
#pragma once

#include <atomic>
#include <chrono>

#include "core/base/time.h"
#include "platform/http/message.h"
#include "ports/clock.h"

namespace seshat::aws {

// This machine's time plus what the servers' answers taught. Thread-safe; shared by all clients of a process.
class ServerClock {
 public:
  // `clock` must outlive it.
  explicit ServerClock(const Clock& clock) : clock_(clock) {}
  Timestamp Now() const { return clock_.Now() + offset(); }
  std::chrono::steady_clock::time_point SteadyNow() const { return clock_.SteadyNow(); }
  std::chrono::nanoseconds offset() const { return std::chrono::nanoseconds(offset_.load()); }
  // A server's Date that is more than four minutes away from Now() moves it there: true. (Services refuse a signature
  // that is five minutes old, S3 one of fifteen.)
  bool Learn(Timestamp server_date);
  // The same with the Date of an answer; false where it has none.
  bool Learn(const http::Response& response);
  // Whether a request that was signed at `offset` was signed too far from the time that is known by now.
  bool IsFarFrom(std::chrono::nanoseconds offset) const;

 private:
  const Clock& clock_;
  std::atomic<int64_t> offset_{0};
};

}  // namespace seshat::aws
