#include "adapters/file_store/sync_pool.h"

#include <utility>

#include "adapters/file_store/file_io.h"

namespace seshat::file_store {

namespace {
constexpr size_t kMaxWaiting = 32;  // open files
}

SyncPool::~SyncPool() { Drain(); }

void SyncPool::Run(Job job) {
  const auto synced = SyncFile(job.fd.get());
  *job.code = synced ? 0 : synced.error();
}

void SyncPool::Submit(posix::UniqueFd fd, int* code) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() < kMaxWaiting; });
  waiting_.push_back({std::move(fd), code});
  if (waiting_.size() >= 2 && threads_.size() < most_)
    threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
  changed_.notify_all();
}

void SyncPool::Work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    lock.unlock();
    Run(std::move(job));
    lock.lock();
    --running_;
    changed_.notify_all();
  }
}

void SyncPool::Drain() {
  std::unique_lock lock(mutex_);
  while (!waiting_.empty()) {
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Run(std::move(job));
    lock.lock();
  }
  changed_.wait(lock, [&] { return running_ == 0; });
}

}  // namespace seshat::file_store
