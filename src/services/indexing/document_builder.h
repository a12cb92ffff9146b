// Builds the search document of a session from what lies in the blob store, and from nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/metadata/metadata_text.h"
#include "core/query/session_document.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "ports/logger.h"
#include "services/records/stored_manifest.h"

namespace seshat::indexing {

struct DocumentOptions {
  MetadataTextOptions metadata;
  // A document lists so many files, the first by path, with their results; it counts all. A listed file takes some 500
  // bytes in an index, and a session may have millions.
  size_t max_files = 2000;
  // The metadata file is read in pieces of this size, and no further than the second number: what follows
  // could only add to `problems`.
  uint64_t metadata_piece_bytes = uint64_t{1} << 20;
  uint64_t max_metadata_bytes = uint64_t{256} << 20;
  // Receipts and failure records never change, so they are read once; this many are remembered (about 1 KB each).
  size_t remembered_records = 10'000;
};

// What an event says of a manifest, to be compared with what is found.
struct ExpectedManifest {
  uint32_t revision = 0;
  std::optional<Sha256> sha256;
};

struct BuildRequest {
  SessionId id;
  // Each of them must be there (kNotFound until then), and the newest manifest must have the digest that was
  // announced for its revision (kDataLoss).
  std::vector<ExpectedManifest> expected;
  std::stop_token stop;
  // Called between reads, so that the caller can keep its leases.
  std::function<void()> keep_alive = [] {};
};

// The manifest with the highest revision, compared with what is expected. kNotFound where there is none (yet),
// kDataLoss where it is damaged.
Result<stored::StoredManifest> ReadNewestExpected(BlobStore& store, const SessionId& id,
                                                  const std::vector<ExpectedManifest>& expected,
                                                  const std::stop_token& stop);

// Thread-safe.
class DocumentBuilder {
 public:
  DocumentBuilder(BlobStore& store, Logger& logger, const DocumentOptions& options);
  ~DocumentBuilder();

  // kNotFound: no manifest (yet). kDataLoss: the manifest is damaged. Other errors are the blob store's. A
  // metadata file that cannot be read (archived, missing, damaged) is no error: it is told in the document. A
  // damaged receipt or failure record becomes a failed result that says so.
  Result<SessionDocument> Build(const BuildRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seshat::indexing
