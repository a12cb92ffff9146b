// Makes a handler's Turn true for as long as it works: leases are renewed, and its stop token is triggered in time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "services/consuming/handler.h"

namespace seshat::consuming {

// What is to be renewed; nothing where somebody else holds the leases.
struct Leases {
  EventBus* bus = nullptr;
  std::string_view subscription;
  std::vector<std::string> handles;
  std::chrono::milliseconds length{0};
};

// From construction to destruction a thread of its own renews each lease at a third of its length. A lease that turns
// out to be lost is let go; with the last one turn().stop is triggered. So it is at the deadline, from which on no
// lease is renewed: a handler that hangs then loses its events to others.
//
// The thread waits in real time and not by the Clock port: a lease runs on the bus's clock, and where tests own that
// they see no lease end unless they make one end.
class TurnKeeper {
 public:
  // What is passed by reference must outlive it. `outer` stops the turn too.
  TurnKeeper(Leases leases, std::chrono::steady_clock::time_point deadline, Clock& clock, Logger& logger,
             std::stop_token outer);
  ~TurnKeeper();
  TurnKeeper(const TurnKeeper&) = delete;
  TurnKeeper& operator=(const TurnKeeper&) = delete;

  const Turn& turn() const { return turn_; }

 private:
  void Loop(const std::stop_token& done, std::chrono::steady_clock::time_point until);
  void KeepAlive();
  void Renew();

  const Leases leases_;
  Clock& clock_;
  Logger& logger_;
  std::stop_source stopped_;
  Turn turn_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<std::string> held_;                     // guarded by mutex_
  std::chrono::steady_clock::time_point renewed_at_;  // guarded by mutex_; by clock_
  std::stop_callback<std::function<void()>> outer_stopped_;
  std::jthread thread_;
};

}  // namespace seshat::consuming
