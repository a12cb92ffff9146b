// The manifest of one revision, as it was read from the blob store and held against its key.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/blob_key.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"

namespace seshat::stored {

// Which manifest, and what it must be.
struct ManifestRef {
  SessionId id;
  uint32_t revision = 1;
  BlobKey key;                   // where it lies, as an event, a dataset or the key's own writer says
  std::optional<Sha256> sha256;  // of the bytes under `key`; absent: whatever they are
};

// Readers ask for the files one after another and never for all of them, so that a manifest may lie in one piece or in
// many. Thread-safe: it never changes. What it reads from the store it reads again each time.
class StoredManifest {
 public:
  // Takes the bytes that lie under `ref.key`. kDataLoss, naming the key, where they are not the ones that `ref` pins,
  // are no manifest, or are that of another session or revision. `store` must outlive the result.
  static Result<StoredManifest> Open(BlobStore& store, const ManifestRef& ref, std::string_view bytes);

  const SessionId& id() const { return id_; }
  const BlobKey& key() const { return key_; }
  const Sha256& sha256() const { return sha256_; }  // of the bytes under key()
  uint32_t revision() const { return head_.revision; }

  // Every field of the manifest but `files`, which is empty here.
  const Manifest& head() const { return head_; }
  uint64_t file_count() const { return files_.size(); }
  uint64_t total_bytes() const { return total_bytes_; }

  // Every file, in the order of the manifest, which is that of the paths' bytes. Ends with the first error of `each`,
  // and answers it; otherwise kCancelled, or what the store answers.
  using EachFile = std::function<Status(const ManifestFile&)>;
  Status ForEachFile(const EachFile& each, const std::stop_token& stop = {}) const;

  // The file of this path (raw bytes), or nothing.
  Result<std::optional<ManifestFile>> Find(std::string_view path, const std::stop_token& stop = {}) const;

 private:
  StoredManifest(const ManifestRef& ref, const Sha256& sha256, Manifest manifest);

  SessionId id_;
  BlobKey key_;
  Sha256 sha256_;
  Manifest head_;
  std::vector<ManifestFile> files_;
  uint64_t total_bytes_ = 0;
};

}  // namespace seshat::stored
