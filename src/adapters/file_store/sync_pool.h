// fsync in the background: a file system with a journal commits many files at once, if it is asked by
// several threads at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "platform/posix/unique_fd.h"

namespace seshat::file_store {

// One owner thread. Threads are started only when a second file comes before the first is drained.
class SyncPool {
 public:
  explicit SyncPool(size_t threads) : most_(threads) {}
  ~SyncPool();

  // Syncs and closes `fd`, some time before Drain returns, and puts errno (0: synced) into `*code`, which
  // must live until then. Waits while many are on their way.
  void Submit(posix::UniqueFd fd, int* code);
  void Drain();

 private:
  struct Job {
    posix::UniqueFd fd;
    int* code;
  };
  void Work(const std::stop_token& stop);
  static void Run(Job job);

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> waiting_;
  size_t running_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace seshat::file_store
