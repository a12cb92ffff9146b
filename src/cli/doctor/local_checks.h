// This machine: directories, databases, isolation, clock.
#pragma once

#include "cli/doctor/finding.h"
#include "composition/config/config.h"

namespace seshat::cli::doctor {

void CheckLocal(const composition::Config& config, Findings& findings);
// What needs no configuration.
void CheckMachine(Findings& findings);

}  // namespace seshat::cli::doctor
