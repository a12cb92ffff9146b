// Rebuilding the index: `seshat reindex` and `seshat metadata reindex` are one thing.
#pragma once

#include <vector>

#include "app/command.h"
#include "app/invocation.h"

namespace seshat::app {

Result<ExitCode> Reindex(Invocation& invocation);

}  // namespace seshat::app
