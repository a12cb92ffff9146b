#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/common.h"
#include "app/config/units.h"
#include "app/stop_signals.h"
#include "core/utf8.h"

namespace seshat::app {
namespace {

What ParseWhat(const std::string& text) {
  if (text == "processed") return What::kProcessed;
  return text == "all" ? What::kAll : What::kRaw;
}

// The store knows what is there, and the search index only whose name is like it.
Error BetterNotFound(const Workbench& bench, Error error, const std::string& id) {
  if (error.code != ErrorCode::kNotFound) return error;
  const auto index = OpenMetadataStore(bench.config, bench.foundation);
  return index ? NoSuchSession(**index, id) : std::move(error);
}

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto store, OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  const What what = ParseWhat(invocation.Value("--what", "raw"));
  std::vector<WantedFile> files;
  for (const std::string& text : invocation.arguments()) {
    SESHAT_ASSIGN(const SessionId id, SessionId::Parse(text));
    auto more = FilesOf(*store, id, what);
    if (!more) return std::unexpected(BetterNotFound(*bench, std::move(more.error()), text));
    files.insert(files.end(), more->begin(), more->end());
  }
  uint64_t bytes = 0;
  for (const WantedFile& file : files) bytes += file.size;
  const std::string to = invocation.Value("--to", ".");
  const StopSignals signals;
  DownloadSummary summary;
  {
    Progress progress(console, "files", files.size(), bytes);
    SESHAT_ASSIGN(summary, Download(
                               *store, to, files, [&](uint64_t f, uint64_t b) { progress.Advance(f, b); },
                               signals.token()));
  }
  if (invocation.json()) {
    PrintJson(console,
              boost::json::object{{"directory", ReplaceInvalidUtf8(std::filesystem::absolute(to).string())},
                                  {"files", files.size()},
                                  {"fetched", summary.fetched},
                                  {"kept", summary.kept},
                                  {"bytes", summary.bytes},
                                  {"failed", JsonOf(summary.failed)}});
  } else {
    for (const std::string& id : invocation.arguments())
      console.PrintLine(EscapeForTerminal((std::filesystem::path(to) / id).string()));
    console.Note(fmt::format("{} files fetched ({}), {} were there already, {} failed", summary.fetched,
                             HumanSize(summary.bytes), summary.kept, summary.failed.size()));
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
    .examples = {{"seshat get 2026-03-02-bench-1-001 --to .", "the files as they were on the source"},
                 {"seshat get <id> <id> --to work --what all", "results too, of two sessions"}},
    .arguments = {{"id", "The sessions.", true, true}},
    .flags = {{"--to", "DIR", "Where to; made where missing (the current directory)."},
              {"--what", "WHAT", "Which files (raw).", "raw|processed|all"}},
    .json = {{"directory", "text", "where the files are"},
             {"files", "number", "files of the sessions"},
             {"fetched", "number", "files that came from the store"},
             {"kept", "number", "files that were there already"},
             {"bytes", "number", "bytes that came from the store"},
             {"failed", "array", "path (percent-encoded), code, message"}},
    .run = Run,
};

}  // namespace seshat::app
