// The threads that run handlers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace seshat::http_server {

class WorkerPool {
 public:
  using Task = std::move_only_function<void()>;
  enum class Kind {
    kRequest,       // refused where `max_waiting` tasks wait
    kContinuation,  // of an answer that has begun: always taken, there are no more of them than connections
  };

  WorkerPool(size_t threads, size_t max_waiting);
  // Waits for tasks that run, and drops those that wait.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Thread-safe. False: refused.
  bool Submit(Kind kind, Task task);

 private:
  void Work(const std::stop_token& stop);

  const size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> waiting_;
  std::vector<std::jthread> threads_;
};

}  // namespace seshat::http_server
