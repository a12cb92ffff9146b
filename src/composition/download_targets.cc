#include "composition/download_targets.h"

#include "adapters/directory_target/directory_target.h"

namespace seshat::composition {

Result<std::unique_ptr<DownloadTarget>> OpenDirectoryTarget(const std::filesystem::path& path) {
  return directory_target::MakeDirectoryTarget(path);
}

}  // namespace seshat::composition
