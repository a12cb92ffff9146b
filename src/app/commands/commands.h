// Every command, one file each beside this one.
#pragma once

#include "app/command.h"

namespace seshat::app {

extern const Command kCompletionCommand;
extern const Command kConfigCommand;
extern const Command kDoctorCommand;
extern const Command kHelpCommand;
extern const Command kSimulateCommand;
extern const Command kVersionCommand;

}  // namespace seshat::app
