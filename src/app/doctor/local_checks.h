// This machine: directories, databases, isolation, clock.
#pragma once

#include "app/config/config.h"
#include "app/doctor/finding.h"

namespace seshat::app::doctor {

void CheckLocal(const Config& config, Findings& findings);
// What needs no configuration.
void CheckMachine(Findings& findings);

}  // namespace seshat::app::doctor
