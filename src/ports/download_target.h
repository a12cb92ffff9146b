// DownloadTarget: where files of sessions are written to: a directory today, the disk of a sandbox next.
//
// A file appears under its name complete, with the bytes that it must have, its mode and its time, or not at all: what
// was there stays as it was until then. Paths come from elsewhere and are not trusted: nothing outside the target is
// ever written, whatever a path says and whatever links lie in the target.
//
// Thread safety: a target and its files from one thread, except BlobSink::WriteAt of a file's sink, which any thread
// may call (as a BlobStore does).
// Adapters: directory (adapters/directory_target), memory (tests). Suite: conformance/download_target.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"
#include "ports/blob_store.h"

namespace seshat {

struct TargetFile {
  std::string path;  // below the target, raw bytes, '/' between segments
  uint64_t size = 0;
  Sha256 sha256;
  uint32_t mode = 0644;                  // permission bits; set-id and sticky bits are never set
  std::optional<Timestamp> modified_at;  // absent: whenever it was written
};

// A file on its way. Its destructor drops what was written, where Finish has not succeeded. Must not outlive its target.
class PartialFile {
 public:
  virtual ~PartialFile() = default;

  // Where the bytes go, in any order. Must not be used after the file is gone.
  virtual std::shared_ptr<BlobSink> sink() = 0;

  // Reads back what was written and compares; then the file appears under its name, replacing a file that is there.
  // kDataLoss, telling the digest that was found, where the bytes are not those of TargetFile; kResourceExhausted,
  // kPermissionDenied, kUnavailable as the disk says. After an error nothing has changed under the name.
  virtual Status Finish() = 0;
};

class DownloadTarget {
 public:
  virtual ~DownloadTarget() = default;

  // Begins a file, and makes the folders above it. Null where a file with these very bytes is there already: then its
  // mode and time are set if possible, and nothing is left to do. Several files may be on their way at a time.
  // kInvalidArgument for a path that is not relative and clean (no empty, "." or ".." segment), or where a link or a
  // file is in the way of a folder; kResourceExhausted, kPermissionDenied, kUnavailable.
  virtual Result<std::unique_ptr<PartialFile>> Begin(const TargetFile& file) = 0;
};

}  // namespace seshat
