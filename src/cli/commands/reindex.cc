#include "cli/commands/reindex.h"

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "services/indexing/indexing_service.h"

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
    PrintJson(console, boost::json::object{{"sessions", done.sessions},
                                           {"indexed", done.indexed},
                                           {"unfinished", done.unfinished},
                                           {"failed", done.failed},
                                           {"failures", boost::json::value_from(done.failures)}});
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
    .json = {{"sessions", "number", "sessions found in the store"},
             {"indexed", "number", "of these: in the index again"},
             {"unfinished", "number", "still being uploaded"},
             {"failed", "number", "with damaged records"},
             {"failures", "array", "texts, at most 100"}},
    .run = Reindex,
};

}  // namespace seshat::cli
