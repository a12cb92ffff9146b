// A blob store in memory, for tests: everything a cloud store can do, at once and repeatably. The data is an
// object of its own, so that "the process restarts" is a new store over the same data, and a writer and a
// reader can share it. Times are counted, not read: every write is one second after the one before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/error.h"
#include "core/records/blob_key.h"
#include "ports/blob_store.h"

namespace seshat::memory_blob_store {

struct MemoryBlobOptions {
  BlobStore::Capabilities capabilities{
      .storage_classes = true, .archive = true, .attributes = true, .nested_keys = true};
  uint64_t part_bytes = 64 * 1024;  // a resumable put saves its state after each part
};

// Thread-safe.
class MemoryBlobs {
 public:
  explicit MemoryBlobs(const MemoryBlobOptions& options = {});
  ~MemoryBlobs();

  // What a lifecycle rule does after a year: the object becomes kArchived in Deep Archive. kNotFound.
  Status Archive(const BlobKey& key);
  // What happens hours after Restore: every kRestoring object becomes kRestored.
  void FinishRestores();
  // The next put that takes effect answers kUnavailable all the same: its answer was lost on the way.
  void LoseNextAnswer();
  // Resumable puts begun and neither finished nor abandoned.
  size_t unfinished_puts() const;

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

std::unique_ptr<BlobStore> MakeMemoryBlobStore(std::shared_ptr<MemoryBlobs> blobs,
                                               BlobAccess access = BlobAccess::kReadWrite);

}  // namespace seshat::memory_blob_store
