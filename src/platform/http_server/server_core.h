// What the connections of one server share. For the loop's thread, where nothing else is said.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platform/http_server/event_loop.h"
#include "platform/http_server/router.h"
#include "platform/http_server/server_options.h"
#include "platform/http_server/worker_pool.h"

namespace seshat::http_server {

class Connection;
using SteadyTime = std::chrono::steady_clock::time_point;

class ServerCore {
 public:
  ServerCore(const ServerOptions& options, const Router& router, EventLoop& loop, WorkerPool& pool)
      : options_(options), router_(router), loop_(loop), pool_(pool), scratch_(64 * 1024) {}
  virtual ~ServerCore() = default;
  ServerCore(const ServerCore&) = delete;
  ServerCore& operator=(const ServerCore&) = delete;

  // Runs `task` on the loop's thread, if the connection is still there then. Thread-safe.
  virtual void PostTo(uint64_t connection, std::move_only_function<void(Connection&)> task) = 0;
  // Destroys the connection, later.
  virtual void Forget(uint64_t connection) = 0;
  virtual bool draining() const = 0;

  const ServerOptions& options() const { return options_; }
  const ServerLimits& limits() const { return options_.limits; }
  const Router& router() const { return router_; }
  EventLoop& loop() { return loop_; }
  WorkerPool& pool() { return pool_; }  // thread-safe
  std::vector<char>& scratch() { return scratch_; }
  // For Date; empty without a clock.
  std::string DateText();
  // A refusal in the form that the options give it.
  Response Refuse(const Refusal& refusal) const;

 private:
  const ServerOptions& options_;
  const Router& router_;
  EventLoop& loop_;
  WorkerPool& pool_;
  std::vector<char> scratch_;
  int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace seshat::http_server
