// Files of sessions into a directory of this machine.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "ports/download_target.h"

namespace seshat::directory_target {

// Makes `path` where it is missing. Temporary files lie in a folder ".seshat-get-<pid>" in it, which goes with the
// target; those that killed processes have left are removed. kPermissionDenied, kResourceExhausted, kUnavailable.
Result<std::unique_ptr<DownloadTarget>> MakeDirectoryTarget(const std::filesystem::path& path);

}  // namespace seshat::directory_target
