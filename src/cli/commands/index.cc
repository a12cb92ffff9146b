#include "cli/commands/commands.h"
#include "cli/commands/run_roles.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) { return RunRoles(invocation, {composition::Role::kIndex}); }

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

}  // namespace seshat::cli
