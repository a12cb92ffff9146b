// Rebuilding the index: `seshat reindex` and `seshat metadata reindex` are one thing.
#pragma once

#include <vector>

#include "cli/command.h"
#include "cli/invocation.h"

namespace seshat::cli {

Result<ExitCode> Reindex(Invocation& invocation);

}  // namespace seshat::cli
