// A download target in memory, for tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "ports/download_target.h"

namespace seshat::memory_download_target {

struct MemoryTargetFile {
  std::string bytes;
  uint32_t mode = 0;
  std::optional<Timestamp> modified_at;
};

// What the target holds, by path. Belongs to the test, and outlives the target.
using MemoryTargetFiles = std::map<std::string, MemoryTargetFile>;

std::unique_ptr<DownloadTarget> MakeMemoryDownloadTarget(MemoryTargetFiles& files);

}  // namespace seshat::memory_download_target
