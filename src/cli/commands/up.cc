#include "cli/commands/commands.h"
#include "cli/commands/run_roles.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) {
  return RunRoles(invocation, {composition::Role::kAgent, composition::Role::kProcess, composition::Role::kIndex});
}

}  // namespace

const Command kUpCommand{
    .name = "up",
    .summary = "Run everything in one process: store, process and index the sessions of the sources.",
    .description =
        "When the first sessions are searchable it prints a summary, and goes on until Ctrl-C. A second "
        "Ctrl-C ends at once; nothing is lost by that.",
    .examples = {{"seshat up --source /srv/lab", "no configuration is needed"},
                 {"seshat up --source lab/bench-1 --source lab/bench-2 --until-idle",
                  "end when every finished session is stored, processed and searchable"},
                 {"seshat up", "with the sources of seshat.toml"}},
    .flags = {kSourceFlag, kQuietTimeFlag, kUntilIdleFlag, kTimeoutFlag},
    .json = RoleJson(),
    .run = Run,
};

}  // namespace seshat::cli
