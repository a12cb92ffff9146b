// One thread that waits for many descriptors. Asio is behind it, in event_loop.cc only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace seshat::http_server {

class EventLoop {
 public:
  using Task = std::move_only_function<void()>;
  enum class Direction { kRead, kWrite };

  // Waits for one descriptor. Not thread-safe: for the loop's thread. Callbacks are never called after its destructor,
  // which must come before the descriptor is closed.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    // Calls `ready` once, from Run, when the descriptor may be moved on; also when it is broken. At most one wait for each
    // direction at a time.
    virtual void Await(Direction direction, std::function<void()> ready) = 0;
  };

  virtual ~EventLoop() = default;
  virtual void Run() = 0;  // until Stop
  virtual void Stop() = 0;
  virtual void Post(Task task) = 0;                                    // to be run by Run; thread-safe, as is Stop
  virtual void After(std::chrono::milliseconds delay, Task task) = 0;  // one at a time: a second one replaces the first
  virtual std::unique_ptr<Waiter> Watch(int descriptor) = 0;
};

std::unique_ptr<EventLoop> MakeEventLoop();

}  // namespace seshat::http_server
