#include "cli/commands/commands.h"
#include "cli/commands/run_roles.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) { return RunRoles(invocation, {composition::Role::kProcess}); }

}  // namespace

const Command kProcessCommand{
    .name = "process",
    .summary = "Run only the processing workers.",
    .description = "Several of these may share one state directory with an agent and an indexer.",
    .examples = {{"seshat process", "processors of seshat.toml, until Ctrl-C"},
                 {"seshat process --set processing.workers=8", "eight files at a time"}},
    .flags = {kUntilIdleFlag, kTimeoutFlag},
    .json = RoleJson(),
    .run = Run,
};

}  // namespace seshat::cli
