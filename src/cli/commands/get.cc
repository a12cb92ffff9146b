#include <fmt/format.h>

#include <filesystem>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "composition/config/units.h"
#include "composition/download_targets.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "services/catalog/session_lookup.h"
#include "services/datasets/datasets.h"
#include "services/retrieval/download.h"
#include "services/retrieval/selection.h"

namespace seshat::cli {
namespace {

retrieval::What ParseWhat(const std::string& text) {
  if (text == "processed") return retrieval::What::kProcessed;
  return text == "all" ? retrieval::What::kAll : retrieval::What::kRaw;
}

// The store knows what is there, and the search index only whose name is like it.
Error BetterNotFound(const Workbench& bench, Error error, const std::string& id) {
  if (error.code != ErrorCode::kNotFound) return error;
  const auto index = composition::OpenMetadataStore(bench.config, bench.foundation);
  return index ? catalog::NoSuchSession(**index, id) : std::move(error);
}

Result<retrieval::Selection> Select(const Invocation& invocation, const Workbench& bench, BlobStore& store,
                                    const std::stop_token& stop) {
  const retrieval::What what = ParseWhat(invocation.Value("--what", "raw"));
  if (invocation.Has("--dataset")) {
    SESHAT_ASSIGN(const Dataset dataset, datasets::ReadDataset(store, invocation.Value("--dataset")));
    SESHAT_ASSIGN(auto selected, retrieval::SelectDataset(store, dataset, what, stop));
    if (!selected.unreadable.empty()) return std::unexpected(std::move(selected.unreadable.front().error));
    return std::move(selected.selection);
  }
  retrieval::Selection selection;
  for (const std::string& text : invocation.arguments()) {
    SESHAT_ASSIGN(const SessionId id, SessionId::Parse(text));
    auto more = retrieval::SelectNewest(store, id, what, stop);
    if (!more) return std::unexpected(BetterNotFound(bench, std::move(more.error()), text));
    selection.Append(*std::move(more));
  }
  return selection;
}

boost::json::object JsonOf(const std::string& to, uint64_t files, const retrieval::DownloadSummary& summary) {
  return {{"directory", ReplaceInvalidUtf8(std::filesystem::absolute(to).string())},
          {"files", files},
          {"fetched", summary.fetched},
          {"kept", summary.kept},
          {"bytes", summary.bytes},
          {"failed", cli::JsonOf(summary.failed)}};
}

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  if (invocation.arguments().empty() == !invocation.Has("--dataset"))
    return Fail(ErrorCode::kInvalidArgument, "name sessions, or a dataset with --dataset");
  const composition::StopSignals signals;
  SESHAT_ASSIGN(const auto selection, Select(invocation, *bench, *store, signals.token()));
  const std::string to = invocation.Value("--to", ".");
  SESHAT_ASSIGN(const auto target, composition::OpenDirectoryTarget(to));
  const auto download = [&] {
    const auto advanced = ShowProgress(console, "files", selection.files(), selection.bytes());
    return retrieval::Download(*store, *target, selection, advanced, signals.token());
  };
  SESHAT_ASSIGN(const auto summary, download());
  if (invocation.json()) {
    PrintJson(console, JsonOf(to, selection.files(), summary));
  } else {
    for (const std::string& id : invocation.arguments())
      console.PrintLine(EscapeForTerminal((std::filesystem::path(to) / id).string()));
    console.Note(fmt::format("{} files fetched ({}), {} were there already, {} failed", summary.fetched,
                             composition::HumanSize(summary.bytes), summary.kept, summary.failed.size()));
  }
  return ReportFailures(console, summary.failed, summary.fetched + summary.kept > 0);
}

}  // namespace

const Command kGetCommand{
    .name = "get",
    .summary = "Fetch the files of sessions, verified by their SHA-256.",
    .description =
        "Files come to DIR/<id>/raw/… and DIR/<id>/processed/<processor>-<version>/<path>/…, with their "
        "modes and times. What is there already with the right bytes is kept, so an interrupted get is "
        "simply run again.",
    .examples = {{"seshat get --dataset fatigue-2026 --to work", "the revisions that a dataset names"},
                 {"seshat get 2026-03-02-bench-1-001 --to .", "the files as they were on the source"},
                 {"seshat get <id> <id> --to work --what all", "results too, of two sessions"}},
    .arguments = {{"id", "The sessions.", false, true}},
    .flags = {{"--to", "DIR", "Where to; made where missing (the current directory)."},
              {"--dataset", "NAME", "The sessions of this dataset, at the revisions that it names."},
              {"--what", "WHAT", "Which files (raw).", "raw|processed|all"}},
    .json = {{"directory", "text", "where the files are"},
             {"files", "number", "files of the sessions"},
             {"fetched", "number", "files that came from the store"},
             {"kept", "number", "files that were there already"},
             {"bytes", "number", "bytes that came from the store"},
             {"failed", "array", "path (percent-encoded), code, message"}},
    .run = Run,
};

}  // namespace seshat::cli
