// Reading stored files only to compare their bytes with their digests.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "ports/blob_store.h"
#include "services/retrieval/wanted_file.h"

namespace seshat::retrieval {

struct ReadingSummary {
  uint64_t good = 0;
  uint64_t bytes = 0;  // of good ones
  struct Failure {
    size_t index = 0;  // of the file
    Error error;
  };
  std::vector<Failure> failed;
};

// Writes nothing. kDataLoss for a file that is missing or has other bytes; what the store answers. `advanced` is told
// of every file, good or not.
ReadingSummary ReadAndCompare(BlobStore& store, const std::vector<WantedFile>& files, const Advanced& advanced,
                              std::stop_token stop);

}  // namespace seshat::retrieval
