#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "composition/config/units.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "services/datasets/datasets.h"

namespace seshat::cli {
namespace {

What ParseWhat(const std::string& text) {
  if (text == "processed") return What::kProcessed;
  return text == "all" ? What::kAll : What::kRaw;
}

// The store knows what is there, and the search index only whose name is like it.
Error BetterNotFound(const Workbench& bench, Error error, const std::string& id) {
  if (error.code != ErrorCode::kNotFound) return error;
  const auto index = composition::OpenMetadataStore(bench.config, bench.foundation);
  return index ? NoSuchSession(**index, id) : std::move(error);
}

Result<std::vector<WantedFile>> FilesOfSessions(const Workbench& bench, BlobStore& store,
                                                const std::vector<std::string>& ids, What what) {
  std::vector<WantedFile> files;
  for (const std::string& text : ids) {
    SESHAT_ASSIGN(const SessionId id, SessionId::Parse(text));
    auto more = FilesOf(store, id, what);
    if (!more) return std::unexpected(BetterNotFound(bench, std::move(more.error()), text));
    std::ranges::move(*more, std::back_inserter(files));
  }
  return files;
}

// Of the revisions that the dataset names, whatever has been added since.
Result<std::vector<WantedFile>> FilesOfDataset(BlobStore& store, const std::string& name, What what,
                                               const std::stop_token& stop) {
  SESHAT_ASSIGN(const Dataset dataset, datasets::ReadDataset(store, name));
  std::vector<WantedFile> files;
  std::vector<Manifest> manifests;
  Status status;
  datasets::ReadDatasetManifests(
      store, dataset,
      [&](const DatasetSession&, Result<Manifest> manifest) {
        if (manifest) {
          manifests.push_back(std::move(*manifest));
        } else if (status) {
          status = std::unexpected(std::move(manifest.error()));
        }
      },
      stop);
  SESHAT_TRY(status);
  for (const Manifest& manifest : manifests) {
    SESHAT_ASSIGN(auto more, FilesOf(store, manifest, what));
    std::ranges::move(more, std::back_inserter(files));
  }
  return files;
}

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  if (invocation.arguments().empty() == !invocation.Has("--dataset"))
    return Fail(ErrorCode::kInvalidArgument, "name sessions, or a dataset with --dataset");
  const What what = ParseWhat(invocation.Value("--what", "raw"));
  const composition::StopSignals signals;
  SESHAT_ASSIGN(const std::vector<WantedFile> files,
                invocation.Has("--dataset")
                    ? FilesOfDataset(*store, invocation.Value("--dataset"), what, signals.token())
                    : FilesOfSessions(*bench, *store, invocation.arguments(), what));
  uint64_t bytes = 0;
  for (const WantedFile& file : files) bytes += file.size;
  const std::string to = invocation.Value("--to", ".");
  DownloadSummary summary;
  {
    Progress progress(console, "files", files.size(), bytes);
    SESHAT_ASSIGN(
        summary, Download(*store, to, files, [&](uint64_t f, uint64_t b) { progress.Advance(f, b); }, signals.token()));
  }
  if (invocation.json()) {
    PrintJson(console, boost::json::object{{"directory", ReplaceInvalidUtf8(std::filesystem::absolute(to).string())},
                                           {"files", files.size()},
                                           {"fetched", summary.fetched},
                                           {"kept", summary.kept},
                                           {"bytes", summary.bytes},
                                           {"failed", JsonOf(summary.failed)}});
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
