// The manifest that was read last: the files of one session come one after another.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/base/error.h"
#include "core/records/manifest.h"
#include "ports/blob_store.h"

namespace seshat::processing {

// kDataLoss where it cannot be decoded.
Result<Manifest> ReadManifest(BlobStore& store, const std::string& key, std::string* bytes = nullptr);

// Thread-safe.
class ManifestCache {
 public:
  explicit ManifestCache(BlobStore& store) : store_(store) {}
  Result<std::shared_ptr<const Manifest>> Get(const std::string& key);

 private:
  BlobStore& store_;
  std::mutex mutex_;
  std::string key_;
  std::shared_ptr<const Manifest> manifest_;
};

}  // namespace seshat::processing
