#include "cli/commands/reindex.h"

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "services/indexing/indexing_service.h"
#include "views/index.h"

namespace seshat::cli {

Result<ExitCode> Reindex(Invocation& invocation) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  const composition::Foundation& foundation = bench->foundation;
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, foundation, BlobAccess::kReadWrite));
  SESHAT_ASSIGN(const auto bus, composition::OpenEventBus(bench->config, foundation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, foundation));
  const auto service = indexing::MakeIndexingService({*store, *bus, *index, *foundation.clock, *foundation.random,
                                                      *foundation.logger, *foundation.metrics, *foundation.tracer});
  const composition::StopSignals signals;
  auto shown = foundation.clock->SteadyNow();
  const auto progress = [&](const indexing::ReindexProgress& at) {
    const auto pause = console.err_is_terminal() ? std::chrono::seconds(2) : std::chrono::seconds(60);
    if (foundation.clock->SteadyNow() - shown < pause) return;
    shown = foundation.clock->SteadyNow();
    console.Note(fmt::format("{} sessions found, {} indexed", at.sessions, at.indexed));
  };
  SESHAT_ASSIGN(const indexing::ReindexProgress done, service->Reindex(progress, signals.token()));
  if (invocation.json()) {
    PrintJson(console, views::JsonOf(done));
  } else {
    console.PrintLine(fmt::format("{} sessions indexed, {} still being uploaded, {} damaged", done.indexed,
                                  done.unfinished, done.failed));
  }
  for (const std::string& failure : done.failures) console.PrintError(EscapeForTerminal(failure));
  return done.failed == 0 ? ExitCode::kOk : ExitCode::kPartial;
}

const Command kReindexCommand{
    .name = "reindex",
    .summary = "Rebuild the search index from the blob store alone.",
    .description = "Searches see the old content until it is done; sessions that arrive meanwhile are kept.",
    .examples = {{"seshat reindex", "after the index was lost, or its format changed"}},
    .json = JsonFieldsOf(views::kReindexed),
    .run = Reindex,
};

}  // namespace seshat::cli
