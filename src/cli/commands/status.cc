#include "services/operations/status.h"

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "cli/operations/status_output.h"
#include "composition/running.h"
#include "views/status.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  const composition::Config& config = bench->config;
  const composition::Foundation& foundation = bench->foundation;
  const auto journal = composition::OpenJournal(config, foundation, true);
  // No agent has run here yet.
  const bool none = !journal && journal.error().code == ErrorCode::kNotFound;
  if (!journal && !none) return std::unexpected(journal.error());
  SESHAT_ASSIGN(const auto bus, composition::OpenEventBus(config, foundation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(config, foundation));
  SESHAT_ASSIGN(const operations::StatusReport report,
                operations::LookAtStatus({.journal = none ? nullptr : journal->get(),
                                          .bus = *bus,
                                          .index = *index,
                                          .clock = *foundation.clock,
                                          .sources = config.Names("sources"),
                                          .subscriptions = composition::SubscriptionNames(config),
                                          .processes = composition::ListRunning(composition::StateDirectory(config)),
                                          .store = config.Text("store.url"),
                                          .state_directory = config.Text("state_dir")}));
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOf(report));
  } else {
    PrintStatus(invocation.console(), report, foundation.clock->Now());
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kStatusCommand{
    .name = "status",
    .summary = "Show sources, queues and running processes, and what needs attention.",
    .examples = {{"seshat status", "how far is everything?"},
                 {"seshat status --json | jq '.processes[].metrics_address'", "where the metrics are"}},
    .flags = {{"--source", "DIR", "Count this directory among the sources, as seshat up does.", "", true}},
    .json = JsonFieldsOf(views::kStatus),
    .run = Run,
};

}  // namespace seshat::cli
