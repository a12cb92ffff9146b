// A directory of this machine, or of a mount, as a SourceTree (Linux 5.6 or later).
//
// Every name is resolved by openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS from the opened root.
// Hints come from inotify where the file system gives any; NFS and SMB mounts give none for changes made
// elsewhere, and a full queue just means: look now.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "ports/source_tree.h"

namespace seshat::posix_source {

struct PosixSourceOptions {
  std::filesystem::path root;  // absolute; need not exist yet (a mount may come later)
  bool hints = true;
  // Directories watched at most; the kernel's limit is per user and shared with other programs
  // (fs.inotify.max_user_watches, 8,192 on small machines).
  size_t watch_limit = 4096;
};

// kInvalidArgument for a root that is not absolute.
Result<std::unique_ptr<SourceTree>> MakePosixSource(const PosixSourceOptions& options);

}  // namespace seshat::posix_source
