#include "app/commands/commands.h"
#include "app/commands/run_roles.h"

namespace seshat::app {
namespace {

Result<ExitCode> Run(Invocation& invocation) { return RunRoles(invocation, {Role::kIndex}); }

}  // namespace

const Command kIndexCommand{
    .name = "index",
    .summary = "Run only the indexer.",
    .examples = {{"seshat index", "makes stored sessions searchable, until Ctrl-C"},
                 {"seshat index --until-idle", "what there is, then end"}},
    .flags = {kUntilIdleFlag, kTimeoutFlag},
    .json = RoleJson(),
    .run = Run,
};

}  // namespace seshat::app
