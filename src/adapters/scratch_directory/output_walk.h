// Finding the regular files in a directory that a processor filled, without following anything.
#pragma once

#include <string>
#include <string_view>

#include "adapters/posix/unique_fd.h"
#include "core/error.h"
#include "ports/scratch.h"

namespace seshat {

// Opens `name` below the directory, never leaving it (openat2: RESOLVE_BENEATH, no symbolic link, no other file
// system). `flags` as for open(2); O_CLOEXEC is added.
Result<UniqueFd> OpenBeneath(int directory, const std::string& name, int flags);

Result<CollectedOutputs> WalkOutputs(int directory, const CollectLimits& limits);

}  // namespace seshat
