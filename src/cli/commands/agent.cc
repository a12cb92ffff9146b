#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/commands/run_roles.h"
#include "cli/json_fields.h"
#include "composition/config/units.h"
#include "composition/dry_run_ports.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "views/plan.h"

namespace seshat::cli {
namespace {

// Plans only: directories and the journal are read, and nothing is made anywhere.
Result<ExitCode> DryRun(Invocation& invocation) {
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  const composition::Config& config = bench->config;
  const composition::Foundation& foundation = bench->foundation;
  SESHAT_ASSIGN(std::vector<migration::Source> sources, composition::SourcesOf(config));
  SESHAT_ASSIGN(const auto stand_ins, composition::OpenDryRunPorts(config, foundation));
  const migration::Ports ports{*stand_ins.store,   *stand_ins.bus,     *stand_ins.journal,  *foundation.clock,
                               *foundation.random, *foundation.logger, *foundation.metrics, *foundation.tracer};
  SESHAT_ASSIGN(const auto service,
                migration::MigrationService::Make(std::move(sources), ports, composition::MigrationOptionsOf(config)));
  Console& console = invocation.console();
  std::vector<migration::DryRunLine> plan;
  const auto print = [&](const migration::DryRunLine& line) {
    if (invocation.json()) {
      plan.push_back(line);
    } else {
      console.PrintLine(fmt::format("{:<7} {}{}{}  {}", migration::DryRunActionName(line.action),
                                    EscapeForTerminal(line.session_id), line.path.empty() ? "" : "/",
                                    EscapeForTerminal(line.path), console.Dim(EscapeForTerminal(line.why))));
    }
  };
  const composition::StopSignals signals;
  SESHAT_TRY(service->DryRun("", print, signals.token()));
  if (invocation.json()) PrintJson(console, views::JsonOf(plan));
  return ExitCode::kOk;
}

Result<ExitCode> Run(Invocation& invocation) {
  if (invocation.Has("--dry-run")) return DryRun(invocation);
  return RunRoles(invocation, {composition::Role::kAgent});
}

}  // namespace

const Command kAgentCommand{
    .name = "agent",
    .summary = "Run only the migration agent: find finished sessions and store them.",
    .examples = {{"seshat agent --source /srv/lab", "until Ctrl-C"},
                 {"seshat agent --source /srv/lab --dry-run", "what would happen to every file, and why"}},
    .flags = {kSourceFlag,
              kQuietTimeFlag,
              kUntilIdleFlag,
              kTimeoutFlag,
              {"--dry-run", "", "Say for each file what would happen and why, and do nothing."}},
    .json = Joined(RoleJson(), JsonFieldsOf(views::kPlan, "with --dry-run, and then nothing else: ")),
    .run = Run,
};

}  // namespace seshat::cli
