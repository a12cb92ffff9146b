// What up, agent, index and process have in common: run roles until told to stop.
#pragma once

#include <set>

#include "cli/invocation.h"
#include "composition/roles.h"

namespace seshat::cli {

// Runs until a signal, or with --until-idle until nothing is left to do.
Result<ExitCode> RunRoles(Invocation& invocation, const std::set<composition::Role>& roles);

extern const FlagSpec kSourceFlag;
extern const FlagSpec kQuietTimeFlag;
extern const FlagSpec kUntilIdleFlag;
extern const FlagSpec kTimeoutFlag;
// Of --json: the summary when it ends.
std::vector<JsonField> RoleJson();

}  // namespace seshat::cli
