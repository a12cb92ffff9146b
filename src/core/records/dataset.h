// A dataset: a search, frozen. It names the sessions that matched, each at the revision that was found, so that a
// paper can cite it and years later the same bytes come back, whatever has been added since.
// docs/formats/dataset.md shows the record with an example; the codec here is its only implementation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"
#include "core/records/blob_key.h"

namespace seshat::records {

struct DatasetSession {
  std::string session_id;
  uint32_t revision = 1;
  std::string manifest_key;
  Sha256 manifest_sha256;  // of the manifest's bytes, which hold the digest of every file
  uint64_t files = 0;
  uint64_t bytes = 0;  // of all files
};

struct Dataset {
  std::string name;
  std::string description;    // for people
  std::string query;          // as it was typed
  std::string understood_as;  // as it was understood; the list of sessions is what counts
  Timestamp created_at{};
  std::vector<DatasetSession> sessions;  // sorted by id, each once

  uint64_t TotalFiles() const;
  uint64_t TotalBytes() const;
};

// Canonical, as the records of manifest.h are; so a dataset's own SHA-256 can be cited.
std::string EncodeDataset(const Dataset& dataset);
// kDataLoss naming the field.
Result<Dataset> DecodeDataset(std::string_view json);

}  // namespace seshat::records

namespace seshat {
using records::Dataset;
using records::DatasetSession;
}  // namespace seshat
