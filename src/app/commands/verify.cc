#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/common.h"
#include "app/config/units.h"
#include "app/stop_signals.h"
#include "core/utf8.h"

namespace seshat::app {
namespace {

struct Totals {
  uint64_t sessions = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::vector<FailedFile> failed;
};

void Add(Totals& totals, DownloadSummary summary) {
  totals.files += summary.fetched + summary.failed.size();
  totals.bytes += summary.bytes;
  for (FailedFile& file : summary.failed) totals.failed.push_back(std::move(file));
}

// A session whose records cannot be read is a finding, not the end of the verification.
void VerifySession(BlobStore& store, const SessionId& id, Console& console, Totals& totals,
                   std::stop_token stop) {
  ++totals.sessions;
  const auto files = FilesOf(store, id, What::kAll);
  if (!files) {
    totals.failed.push_back({id.value(), files.error()});
    return;
  }
  uint64_t bytes = 0;
  for (const WantedFile& file : *files) bytes += file.size;
  Progress progress(console, fmt::format("files of {}", EscapeForTerminal(id.value())), files->size(), bytes);
  Add(totals,
      Verify(store, *files, [&](uint64_t f, uint64_t b) { progress.Advance(f, b); }, std::move(stop)));
}

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  if (invocation.arguments().empty() != invocation.Has("--all"))
    return Fail(ErrorCode::kInvalidArgument, "name sessions, or say --all");
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto store, OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  const StopSignals signals;
  Totals totals;
  for (const std::string& text : invocation.arguments()) {
    SESHAT_ASSIGN(const SessionId id, SessionId::Parse(text));
    SESHAT_TRY(NewestManifest(*store, id));
    VerifySession(*store, id, console, totals, signals.token());
  }
  if (invocation.Has("--all")) {
    SESHAT_TRY(ForEachSession(*store, [&](const SessionId& id) {
      VerifySession(*store, id, console, totals, signals.token());
      return !signals.token().stop_requested();
    }));
  }
  if (signals.token().stop_requested())
    return Fail(ErrorCode::kCancelled, "stopped before everything was verified");
  if (invocation.json()) {
    PrintJson(console, boost::json::object{{"sessions", totals.sessions},
                                           {"files", totals.files},
                                           {"bytes", totals.bytes},
                                           {"good", totals.failed.empty()},
                                           {"failed", JsonOf(totals.failed)}});
  } else {
    console.PrintLine(
        fmt::format("{} sessions, {} files, {}: {}", totals.sessions, totals.files, HumanSize(totals.bytes),
                    totals.failed.empty() ? "all good" : fmt::format("{} bad", totals.failed.size())));
  }
  return ReportFailures(console, totals.failed, totals.files > totals.failed.size());
}

}  // namespace

const Command kVerifyCommand{
    .name = "verify",
    .summary = "Read stored files again and compare them with their digests.",
    .examples = {{"seshat verify 2026-03-02-bench-1-001", "one session, its results included"},
                 {"seshat verify --all", "everything in the store"}},
    .arguments = {{"id", "The sessions.", false, true}},
    .flags = {{"--all", "", "Every session in the store."}},
    .json = {{"sessions", "number", "sessions looked at"},
             {"files", "number", "files read, results included"},
             {"bytes", "number", "bytes of good files"},
             {"good", "boolean", "whether nothing is wrong"},
             {"failed", "array", "path (percent-encoded), code, message"}},
    .run = Run,
};

}  // namespace seshat::app
