// Finding the regular files in a directory that a processor filled, without following anything.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/posix/unique_fd.h"
#include "ports/scratch.h"

namespace seshat::scratch_directory {

// Opens `name` below the directory, never leaving it (openat2: RESOLVE_BENEATH, no symbolic link, no other file
// system). `flags` as for open(2); O_CLOEXEC is added.
Result<posix::UniqueFd> OpenBeneath(int directory, const std::string& name, int flags);

Result<CollectedOutputs> WalkOutputs(int directory, const CollectLimits& limits);

}  // namespace seshat::scratch_directory
