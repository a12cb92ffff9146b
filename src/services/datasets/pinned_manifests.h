// Reading many manifests at once, each at a given revision and held against its digest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/manifest.h"
#include "ports/blob_store.h"

namespace seshat::datasets {

struct PinnedManifest {
  std::string session_id;
  uint32_t revision = 1;
  std::string key;
  std::optional<Sha256> sha256;  // what its bytes must be; absent: whatever they are
};

struct ReadManifest {
  Manifest manifest;
  Sha256 sha256;
};

// Calls `each` once for every one of `wanted`, by its index and in any order, on the calling thread. Errors:
// kDataLoss where the bytes are not the pinned ones, are no manifest, or are that of another session or revision;
// kNotFound; kCancelled after `stop`; what the store answers.
void ReadManifests(BlobStore& store, const std::vector<PinnedManifest>& wanted,
                   const std::function<void(size_t index, Result<ReadManifest>)>& each, std::stop_token stop);

}  // namespace seshat::datasets
