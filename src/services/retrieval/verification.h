// Whether what the store holds is what the records say.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "ports/blob_store.h"
#include "services/retrieval/selection.h"
#include "services/retrieval/wanted_file.h"

namespace seshat::retrieval {

struct VerifyOptions {
  // Reads every byte. Otherwise an object is asked only for the checksum that the store itself took of all its bytes,
  // where both the record and the store have one; SHA-256 needs the bytes.
  bool read_data = false;
};

struct VerifySummary {
  uint64_t files = 0;        // looked at
  uint64_t bytes = 0;        // of good ones
  uint64_t by_checksum = 0;  // good, as the store's checksum says
  uint64_t by_reading = 0;   // good, read and compared by SHA-256
  uint64_t archived = 0;     // of `by_checksum`: cold, and not readable before they are restored
  std::vector<FailedFile> failed;

  void Add(VerifySummary other);
};

// kDataLoss for a file that is missing, shorter, longer or different, and for a damaged receipt; kArchived for a cold
// one without a checksum to go by. `advanced` is told of files and bytes done, by one thread at a time. Asks several
// objects at once. The error is that of reading a manifest.
Result<VerifySummary> Verify(BlobStore& store, const Selection& selection, const VerifyOptions& options,
                             const Advanced& advanced, const std::stop_token& stop);

// The same for files that are known one by one.
VerifySummary VerifyFiles(BlobStore& store, const std::vector<WantedFile>& files, const VerifyOptions& options,
                          const Advanced& advanced, std::stop_token stop);

}  // namespace seshat::retrieval
