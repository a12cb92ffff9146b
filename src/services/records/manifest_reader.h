// Reading manifests: the newest of a session, a given revision, many at once.
//
// Thread safety: all functions, from any thread; a ManifestCache too. Everything blocks on the store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "services/records/stored_manifest.h"

namespace seshat::stored {

// What kNotFound says of a session without one.
inline constexpr std::string_view kNoManifest = "there is no manifest yet: the session is still being uploaded";

// The revisions that are stored, in order; empty where there is none (yet).
Result<std::vector<uint32_t>> ListRevisions(BlobStore& store, const SessionId& id, const std::stop_token& stop);

// The manifest with the highest revision. kNotFound where there is none: no such session, or it is still being
// uploaded. kDataLoss as StoredManifest::Open; what the store answers.
Result<StoredManifest> ReadNewest(BlobStore& store, const SessionId& id, const std::stop_token& stop);

// One revision of `id`, whatever its bytes are. Errors as of ReadNewest.
Result<StoredManifest> ReadRevision(BlobStore& store, const SessionId& id, uint32_t revision,
                                    const std::stop_token& stop);

// The manifest that `ref` names. Errors as of ReadNewest.
Result<StoredManifest> ReadManifest(BlobStore& store, const ManifestRef& ref, const std::stop_token& stop);

// Many at a time. Calls `each` once for every one of `wanted`, by its index and in any order, on the calling thread;
// errors as of ReadNewest, and kCancelled for those that `stop` left unread.
void ReadManifests(BlobStore& store, const std::vector<ManifestRef>& wanted,
                   const std::function<void(size_t index, Result<StoredManifest>)>& each, std::stop_token stop);

// The manifest that was read last: the files of one session come one after another.
class ManifestCache {
 public:
  explicit ManifestCache(BlobStore& store) : store_(store) {}
  Result<std::shared_ptr<const StoredManifest>> Get(const ManifestRef& ref, const std::stop_token& stop);

 private:
  BlobStore& store_;
  std::mutex mutex_;
  std::shared_ptr<const StoredManifest> manifest_;
};

}  // namespace seshat::stored
