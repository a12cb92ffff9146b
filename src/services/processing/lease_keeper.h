// Keeps a delivery ours while we work on it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "ports/event_bus.h"

namespace seshat::processing {

// Extends the lease at a third of its length, on a thread of its own, from construction to destruction. When
// the lease turns out to be lost, or `outer` is triggered, stop() is triggered: somebody else may be working on
// the same event by then.
//
// It waits in real time, not by the Clock port: a lease runs on the bus's clock, and where tests own that they
// see no lease end unless they make one end.
class LeaseKeeper {
 public:
  LeaseKeeper(EventBus& bus, std::string_view subscription, std::string handle, std::chrono::milliseconds lease,
              std::stop_token outer);
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  std::stop_token stop() const { return stopped_.get_token(); }

 private:
  void Loop(const std::stop_token& done);

  EventBus& bus_;
  const std::string_view subscription_;
  const std::string handle_;
  const std::chrono::milliseconds lease_;
  std::stop_source stopped_;
  std::stop_callback<std::function<void()>> outer_stopped_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace seshat::processing
