#include "services/indexing/replay.h"

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "views/index.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  indexing::ReplayOptions options{.processed = invocation.Has("--processed")};
  if (!invocation.arguments().empty()) {
    SESHAT_ASSIGN(options.session, SessionId::Parse(invocation.arguments().front()));
  }
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  const composition::Foundation& foundation = bench->foundation;
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, foundation, BlobAccess::kReadWrite));
  SESHAT_ASSIGN(const auto bus, composition::OpenEventBus(bench->config, foundation));
  const composition::StopSignals signals;
  SESHAT_ASSIGN(const indexing::ReplaySummary summary, indexing::Replay(
                                                           *store, *bus, *foundation.clock, *foundation.random, options,
                                                           [](const indexing::ReplaySummary&) {}, signals.token()));
  if (invocation.json()) {
    PrintJson(console, views::JsonOf(summary));
  } else {
    console.PrintLine(fmt::format("{} events of {} sessions published, {} damaged", summary.events, summary.sessions,
                                  summary.failed));
  }
  for (const std::string& failure : summary.failures) console.PrintError(EscapeForTerminal(failure));
  return summary.failed == 0 ? ExitCode::kOk : ExitCode::kPartial;
}

}  // namespace

const Command kReplayCommand{
    .name = "replay",
    .summary = "Publish the events of stored sessions once more.",
    .description =
        "For a new processor or subscriber, or after the event bus was lost. Work that is done is not done again.",
    .examples = {{"seshat replay", "every session, so that a new processor sees them all"},
                 {"seshat replay <id>", "one session"}},
    .arguments = {{"id", "The session; all of them where it is left out.", false}},
    .flags = {{"--processed", "", "Also FileProcessedEvent for each result."}},
    .json = JsonFieldsOf(views::kReplayed),
    .run = Run,
};

}  // namespace seshat::cli
