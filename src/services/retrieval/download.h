// Files of sessions from the blob store into a download target.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "ports/blob_store.h"
#include "ports/download_target.h"
#include "services/retrieval/selection.h"
#include "services/retrieval/wanted_file.h"

namespace seshat::retrieval {

struct DownloadSummary {
  uint64_t fetched = 0;
  uint64_t kept = 0;   // were there already, byte for byte
  uint64_t bytes = 0;  // of fetched ones
  std::vector<FailedFile> failed;
};

// Each file appears under its name as DownloadTarget says: complete, verified by its SHA-256, with its mode and time,
// or not at all. What is there with the right bytes is kept: an interrupted download goes on where it was. The error
// is kCancelled where `stop` came before everything was there, or that of reading a manifest; those of files are in
// the summary.
Result<DownloadSummary> Download(BlobStore& store, DownloadTarget& target, const Selection& selection,
                                 const Advanced& advanced, const std::stop_token& stop);

// The same for files that are known one by one.
Result<DownloadSummary> DownloadFiles(BlobStore& store, DownloadTarget& target, const std::vector<WantedFile>& files,
                                      const Advanced& advanced, const std::stop_token& stop);

}  // namespace seshat::retrieval
