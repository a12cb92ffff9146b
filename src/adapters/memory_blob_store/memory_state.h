// The data behind memory stores. Not for users of the store.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/memory_blob_store/memory_blob_store.h"

namespace seshat::memory_blob_store {

struct StoredBlob {
  std::string bytes;
  Sha256 sha256;
  BlobInfo info;        // with the attributes
  uint64_t upload = 0;  // the resumable put that made it; 0: none
};

struct MemoryBlobs::State {
  MemoryBlobOptions options;
  mutable std::mutex mutex;
  std::map<std::string, StoredBlob> blobs;
  std::map<uint64_t, std::string> uploads;  // unfinished resumable puts: what they hold so far
  uint64_t last_upload = 0;
  Timestamp now = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  bool lose_next_answer = false;

  // With the mutex held from here on.

  // Why `key` cannot stand beside the keys that are there, or nothing.
  Status CheckNesting(const std::string& key) const;
  // kAlreadyExists, or makes `blob` visible.
  Status Insert(StoredBlob blob);
  ListPage List(const ListOptions& options) const;
};

}  // namespace seshat::memory_blob_store
