// Files of sessions that somebody wants, as records name them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"

namespace seshat::retrieval {

struct WantedFile {
  std::string key;
  std::string path;  // below the target, raw bytes
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

// Told of files and bytes done.
using Advanced = std::function<void(uint64_t files, uint64_t bytes)>;

}  // namespace seshat::retrieval
