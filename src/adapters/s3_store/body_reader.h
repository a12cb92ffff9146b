// Reads bodies on a thread of its own and computes what has to be known of a part before it is sent: the bytes of a
// body are read in order, once, and hashed while they are in the cache.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

struct ReadTask {
  BlobSource* body = nullptr;
  uint64_t offset = 0;
  uint64_t length = 0;
  std::byte* into = nullptr;      // null: the bytes are summed and forgotten
  Sha256Hasher* whole = nullptr;  // of the whole body, or null
  bool part_digest = false;       // the part's own digest is wanted as well
};

struct ReadResult {
  Status status;
  uint64_t crc = 0;
  std::optional<Sha256> part_digest;
};

// On the caller's thread.
ReadResult ReadNow(const ReadTask& task, std::vector<std::byte>& scratch);

// Start and Drain are for one thread. Tasks run in the order of Start; a task's body and buffers must live until its
// result has been drained or the reader is gone, which waits for the running task.
class BodyReader {
 public:
  using Done = std::move_only_function<void(ReadResult)>;

  // `wake` is called on the reader's thread when there is something to drain.
  explicit BodyReader(std::function<void()> wake) : wake_(std::move(wake)) {}
  ~BodyReader() = default;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  void Start(const ReadTask& task, Done done);
  // Calls what has ended.
  void Drain();

 private:
  struct Job {
    ReadTask task;
    Done done;
    ReadResult result;
  };
  void Run(const std::stop_token& stop);

  const std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> waiting_;
  std::vector<Job> ended_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace seshat::s3_store
