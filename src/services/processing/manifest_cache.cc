#include "services/processing/manifest_cache.h"

#include <utility>

#include "ports/blob_transfer.h"

namespace seshat::processing {
namespace {

constexpr uint64_t kMaxManifestBytes = 1ULL << 30;  // ours: about three million files

}  // namespace

Result<Manifest> ReadManifest(BlobStore& store, const std::string& key, std::string* bytes) {
  SESHAT_ASSIGN(const BlobKey parsed, BlobKey::Parse(key));
  SESHAT_ASSIGN(std::string text, GetBytes(store, parsed, kMaxManifestBytes));
  auto manifest = records::DecodeManifest(text);
  if (bytes != nullptr) *bytes = std::move(text);
  return manifest;
}

Result<std::shared_ptr<const Manifest>> ManifestCache::Get(const std::string& key) {
  {
    const std::lock_guard lock(mutex_);
    if (manifest_ != nullptr && key_ == key) return manifest_;
  }
  SESHAT_ASSIGN(Manifest read, ReadManifest(store_, key));
  auto manifest = std::make_shared<const Manifest>(std::move(read));
  const std::lock_guard lock(mutex_);
  key_ = key;
  manifest_ = manifest;
  return manifest;
}

}  // namespace seshat::processing
