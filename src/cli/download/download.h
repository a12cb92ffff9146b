// Files of sessions from the blob store into a directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"
#include "ports/blob_store.h"

namespace seshat::cli {

struct WantedFile {
  std::string key;
  std::string path;  // below the directory, raw bytes
  uint64_t size = 0;
  Sha256 sha256;
  std::string checksum = {};  // the store's, as the record has it; empty: none
  uint32_t mode = 0644;       // permission bits; set-id and sticky bits are never restored
  std::optional<Timestamp> modified_at;
};

struct FailedFile {
  std::string path;
  Error error;
};

struct DownloadSummary {
  uint64_t fetched = 0;
  uint64_t kept = 0;   // were there already, byte for byte
  uint64_t bytes = 0;  // of fetched ones
  std::vector<FailedFile> failed;
};

// Each file appears under its name complete, verified by its SHA-256, with its mode and time, or not at all. A
// path that would leave `directory`, through ".." or through a symbolic link, is refused. What is there with the
// right bytes is kept: an interrupted download goes on where it was. `advanced` is told of files and bytes done.
// The error is that of `directory` itself, or kCancelled where `stop` came before everything was there; those of
// files are in the summary.
Result<DownloadSummary> Download(BlobStore& store, const std::filesystem::path& directory,
                                 const std::vector<WantedFile>& files,
                                 const std::function<void(uint64_t files, uint64_t bytes)>& advanced,
                                 const std::stop_token& stop);

// Reads every file and compares its bytes with its digest; writes nothing.
DownloadSummary Verify(BlobStore& store, const std::vector<WantedFile>& files,
                       const std::function<void(uint64_t files, uint64_t bytes)>& advanced, std::stop_token stop);

}  // namespace seshat::cli
