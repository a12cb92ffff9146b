#include "adapters/file_store/chunk_writer.h"

#include <algorithm>
#include <utility>

namespace seshat::file_store {

ChunkWriter::~ChunkWriter() {
  if (!thread_) return;
  thread_->request_stop();
  thread_->join();
}

Errno<void> ChunkWriter::Failed() const {
  if (error_ != 0) return std::unexpected(error_);
  return {};
}

Errno<MutableByteSpan> ChunkWriter::Buffer(size_t size) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !free_.empty() || filling_ != nullptr || error_ != 0; });
  if (error_ != 0) return std::unexpected(error_);
  if (filling_ == nullptr) {
    filling_ = free_.front();
    free_.pop_front();
  }
  filling_->resize(std::min(size, kChunkBytes));
  return MutableByteSpan(*filling_);
}

Errno<void> ChunkWriter::Write(uint64_t offset, bool more) {
  std::unique_lock lock(mutex_);
  if (error_ != 0) return Failed();
  waiting_.push_back({std::exchange(filling_, nullptr), offset});
  if (!thread_ && !more) {
    const Chunk chunk = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    const auto done = WriteOut(chunk);
    lock.lock();
    if (!done) error_ = done.error();
    free_.push_back(chunk.buffer);
    return Failed();
  }
  if (!thread_) thread_.emplace([this](const std::stop_token& stop) { Work(stop); });
  changed_.notify_all();
  return {};
}

void ChunkWriter::Work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    const Chunk chunk = waiting_.front();
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    const auto done = WriteOut(chunk);
    lock.lock();
    if (!done && error_ == 0) error_ = done.error();
    busy_ = false;
    free_.push_back(chunk.buffer);
    if (error_ != 0) {
      for (const Chunk& dropped : std::exchange(waiting_, {})) free_.push_back(dropped.buffer);
    }
    changed_.notify_all();
  }
}

// Only one thread at a time is here: the second one, or the owner where there is none or it is idle.
Errno<void> ChunkWriter::WriteOut(const Chunk& chunk) {
  if (auto written = WriteAll(fd_, *chunk.buffer, chunk.offset); !written) return written;
  written_ = chunk.offset + chunk.buffer->size();
  unsynced_ += chunk.buffer->size();
  if (sync_every_ != 0 && unsynced_ >= sync_every_) {
    if (auto synced = SyncFile(fd_); !synced) return synced;
    unsynced_ = 0;
    const std::lock_guard lock(mutex_);
    durable_ = written_;
    return {};
  }
  // The disk starts now; the sync at the end then finds little left to do.
  return StartWriteback(fd_, chunk.offset, chunk.buffer->size());
}

Errno<void> ChunkWriter::Finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return (waiting_.empty() && !busy_) || error_ != 0; });
  if (error_ != 0) return Failed();
  lock.unlock();
  const auto synced = SyncFile(fd_);
  lock.lock();
  if (!synced) {
    error_ = synced.error();
  } else if (written_ > 0) {
    durable_ = written_;
  }
  return Failed();
}

std::optional<uint64_t> ChunkWriter::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

}  // namespace seshat::file_store
