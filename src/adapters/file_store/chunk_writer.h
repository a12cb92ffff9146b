// Writes a file from its start (or from where it was left) to its end, on a second thread, so that reading
// and hashing go on meanwhile. Memory: three chunks.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "adapters/file_store/file_io.h"
#include "core/base/bytes.h"

namespace seshat::file_store {

// One owner thread. The first error ends it: every later call answers that.
class ChunkWriter {
 public:
  static constexpr size_t kChunkBytes = 4 * 1024 * 1024;

  // `fd` is borrowed. Syncs whenever `sync_every` more bytes are written; 0: only in Finish.
  ChunkWriter(int fd, uint64_t sync_every) : fd_(fd), sync_every_(sync_every) {}
  ~ChunkWriter();

  // Up to `size` bytes (at most kChunkBytes) to be filled; waits until there is room.
  Errno<MutableByteSpan> Buffer(size_t size);
  // Hands over what was filled, to be written at `offset`; offsets go up without gaps. `more`: another chunk
  // will follow. Without a second chunk there is no second thread.
  Errno<void> Write(uint64_t offset, bool more);
  // All is written and synced.
  Errno<void> Finish();
  // Everything before this offset that was written here is on disk.
  std::optional<uint64_t> durable() const;

 private:
  struct Chunk {
    std::vector<std::byte>* buffer;
    uint64_t offset;
  };
  void Work(const std::stop_token& stop);
  Errno<void> WriteOut(const Chunk& chunk);
  Errno<void> Failed() const;

  const int fd_;
  const uint64_t sync_every_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::array<std::vector<std::byte>, 3> buffers_;
  std::deque<std::vector<std::byte>*> free_{&buffers_[0], &buffers_[1], &buffers_[2]};
  std::vector<std::byte>* filling_ = nullptr;
  std::deque<Chunk> waiting_;
  bool busy_ = false;
  int error_ = 0;
  uint64_t written_ = 0;
  uint64_t unsynced_ = 0;
  std::optional<uint64_t> durable_;
  std::optional<std::jthread> thread_;
};

}  // namespace seshat::file_store
