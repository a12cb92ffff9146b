// How far everything is, as text.
#pragma once

#include "cli/output/console.h"
#include "core/base/time.h"
#include "services/operations/status.h"

namespace seshat::cli {

// Tables on stdout, what needs a person on stderr. `now`: for ages.
void PrintStatus(Console& console, const operations::StatusReport& report, Timestamp now);

}  // namespace seshat::cli
