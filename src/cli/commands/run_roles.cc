#include "cli/commands/run_roles.h"

#include <fmt/format.h>

#include <optional>

#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "cli/operations/run_output.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "services/operations/run_summary.h"
#include "services/operations/wait_until_idle.h"
#include "views/run.h"

namespace seshat::cli {
namespace {

// Nothing where the roles of this process know no sessions.
Result<std::optional<operations::RunSummary>> SummaryOf(composition::Pipeline& pipeline) {
  if (pipeline.index() == nullptr && pipeline.journal() == nullptr) return std::nullopt;
  SESHAT_ASSIGN(operations::RunSummary summary, pipeline.index() != nullptr
                                                    ? operations::Summarise(*pipeline.index())
                                                    : operations::Summarise(*pipeline.journal()));
  return summary;
}

Result<ExitCode> Conclude(Invocation& invocation, const composition::Config& config, composition::Pipeline& pipeline,
                          const operations::Waited& waited) {
  views::Run result{.state = waited.state, .store = config.Text("store.url")};
  SESHAT_ASSIGN(result.summary, SummaryOf(pipeline));
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOf(result));
  } else {
    PrintSummary(invocation, result);
  }
  SESHAT_TRY(invocation.console().Flush());
  if (waited.timed_out)
    invocation.console().PrintError(
        fmt::format("not idle in time; still waiting for {}", EscapeForTerminal(waited.state.waiting_for)));
  const ExitCode code = ReportProblems(invocation.console(), waited.state);
  return waited.timed_out ? ExitCode::kTryLater : code;
}

}  // namespace

// Ready before any command's table is made from it.
constinit const FlagSpec kSourceFlag{"--source", "DIR",
                                     "A directory in which sessions appear, besides the configured ones.", "", true};
constinit const FlagSpec kQuietTimeFlag{
    "--quiet-time", "DURATION",
    "A session of --source is finished when nothing in it has changed for this long (30s)."};
constinit const FlagSpec kUntilIdleFlag{"--until-idle", "", "End when nothing that has arrived is left to do."};
constinit const FlagSpec kTimeoutFlag{"--timeout", "DURATION",
                                      "With --until-idle: end after this long all the same, with 5."};

std::vector<JsonField> RoleJson() { return JsonFieldsOf(views::kRun); }

Result<ExitCode> RunRoles(Invocation& invocation, const std::set<composition::Role>& roles) {
  std::optional<std::chrono::milliseconds> timeout;
  if (invocation.Has("--timeout")) {
    SESHAT_ASSIGN(timeout, invocation.Duration("--timeout", {}));
  }
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  Clock& clock = *bench->foundation.clock;
  SESHAT_ASSIGN(composition::Pipeline* const pipeline, bench->OpenRoles(roles));
  composition::StopSignals signals;
  std::string names;
  for (const composition::Role role : roles)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", composition::RoleName(role));
  bench->foundation.logger->Info("started", {{"roles", names},
                                             {"store", bench->config.Text("store.url")},
                                             {"state_dir", bench->config.Text("state_dir")},
                                             {"metrics", pipeline->metrics_address()}});
  pipeline->Start(signals.token());
  const bool until_idle = invocation.Has("--until-idle");
  const auto waited = operations::WaitUntilIdle([&] { return pipeline->State(); }, clock,
                                                {.timeout = until_idle ? timeout : std::nullopt}, signals.token());
  Result<ExitCode> code = ExitCode::kOk;
  const bool stopped = signals.token().stop_requested();
  if (!waited) {
    code = std::unexpected(waited.error());
  } else if (stopped && until_idle) {
    code = Fail(ErrorCode::kCancelled, "stopped before everything was done; the next start goes on from here");
  } else if (!stopped) {
    code = Conclude(invocation, bench->config, *pipeline, *waited);
    if (!until_idle) {
      bench->foundation.logger->Info("nothing is left to do; waiting for more until Ctrl-C");
      // What is wrong by then is in the log and in `seshat status`; being told to stop is no failure.
      while (clock.SleepFor(std::chrono::hours(24), signals.token())) {
      }
      if (code) code = ExitCode::kOk;
    }
  }
  signals.RequestStop();
  pipeline->Join();
  bench->foundation.logger->Info("stopped");
  return code;
}

}  // namespace seshat::cli
