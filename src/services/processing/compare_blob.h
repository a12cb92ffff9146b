// Whether an object that is already there holds the bytes that we were about to write.
#pragma once

#include <memory>
#include <stop_token>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/blob_key.h"
#include "ports/blob_store.h"

namespace seshat::processing {

// False also where the object is in cold storage and cannot be looked at.
Result<bool> HoldsSameBytes(BlobStore& store, const BlobKey& key, std::shared_ptr<BlobSource> ours,
                            std::stop_token stop);

// Reads all of it.
Result<Sha256> HashSource(BlobSource& source, const std::stop_token& stop);

}  // namespace seshat::processing
