// Where downloads go.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "ports/download_target.h"

namespace seshat::composition {

// A directory of this machine, made where it is missing. kPermissionDenied, kResourceExhausted, kUnavailable.
Result<std::unique_ptr<DownloadTarget>> OpenDirectoryTarget(const std::filesystem::path& path);

}  // namespace seshat::composition
