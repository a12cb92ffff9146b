// What people and programs see of the store: the calls behind `get`, `verify` and `show`, in the one place of this test
// that knows how they are called.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"

namespace seshat::testing {

struct ChosenFile {
  std::string key;
  std::string path;  // below the target directory
  uint64_t size = 0;
  Sha256 sha256;
};

// The files that `get ID --what all` fetches.
Result<std::vector<ChosenFile>> FilesOfGet(BlobStore& store, const SessionId& id);

// What `verify ID --read-data` finds wrong, one line each.
Result<std::vector<std::string>> ProblemsOfVerify(BlobStore& store, const SessionId& id);

// kNotFound where there is no such session, or no such revision.
Result<Manifest> NewestStoredManifest(BlobStore& store, const SessionId& id);
Result<Manifest> StoredManifest(BlobStore& store, const SessionId& id, uint32_t revision);

// Of every (file version, processor version) the one that counts, whatever revision the file is of.
struct StoredRecords {
  std::vector<Receipt> receipts;
  std::vector<ProcessingFailure> failures;
};
Result<StoredRecords> RecordsOf(BlobStore& store, const SessionId& id);

Result<std::vector<std::string>> SessionsOf(BlobStore& store);

}  // namespace seshat::testing
