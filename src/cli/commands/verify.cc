#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/verification/verification.h"
#include "composition/config/units.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

struct Totals : VerifySummary {
  uint64_t sessions = 0;
};

void Add(Totals& totals, VerifySummary summary) {
  totals.files += summary.files;
  totals.bytes += summary.bytes;
  totals.by_checksum += summary.by_checksum;
  totals.by_reading += summary.by_reading;
  totals.archived += summary.archived;
  for (FailedFile& file : summary.failed) totals.failed.push_back(std::move(file));
}

// A session whose records cannot be read is a finding, not the end of the verification.
void VerifySession(BlobStore& store, const SessionId& id, const VerifyOptions& options, Console& console,
                   Totals& totals, std::stop_token stop) {
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
      VerifyStored(store, *files, options, [&](uint64_t f, uint64_t b) { progress.Advance(f, b); }, std::move(stop)));
}

// How good ones were verified, where not all of them were read.
std::string HowOf(const Totals& totals) {
  if (totals.by_checksum == 0) return "";
  const std::string archived = totals.archived == 0 ? "" : fmt::format(", {} of them archived", totals.archived);
  return fmt::format(" ({} by the store's checksum{}; {} read)", totals.by_checksum, archived, totals.by_reading);
}

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  if (invocation.arguments().empty() != invocation.Has("--all"))
    return Fail(ErrorCode::kInvalidArgument, "name sessions, or say --all");
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  const composition::StopSignals signals;
  const VerifyOptions options{.read_data = invocation.Has("--read-data")};
  Totals totals;
  for (const std::string& text : invocation.arguments()) {
    SESHAT_ASSIGN(const SessionId id, SessionId::Parse(text));
    SESHAT_TRY(NewestManifest(*store, id));
    VerifySession(*store, id, options, console, totals, signals.token());
  }
  if (invocation.Has("--all")) {
    SESHAT_TRY(ForEachSession(*store, [&](const SessionId& id) {
      VerifySession(*store, id, options, console, totals, signals.token());
      return !signals.token().stop_requested();
    }));
  }
  if (signals.token().stop_requested()) return Fail(ErrorCode::kCancelled, "stopped before everything was verified");
  if (invocation.json()) {
    PrintJson(console, boost::json::object{{"sessions", totals.sessions},
                                           {"files", totals.files},
                                           {"bytes", totals.bytes},
                                           {"by_checksum", totals.by_checksum},
                                           {"by_reading", totals.by_reading},
                                           {"archived", totals.archived},
                                           {"good", totals.failed.empty()},
                                           {"failed", JsonOf(totals.failed)}});
  } else {
    console.PrintLine(fmt::format(
        "{} sessions, {} files, {}: {}{}", totals.sessions, totals.files, composition::HumanSize(totals.bytes),
        totals.failed.empty() ? "all good" : fmt::format("{} bad", totals.failed.size()), HowOf(totals)));
  }
  return ReportFailures(console, totals.failed, totals.files > totals.failed.size());
}

}  // namespace

const Command kVerifyCommand{
    .name = "verify",
    .summary = "Compare what the store holds with what was recorded when it was stored.",
    .description =
        "A store that keeps a checksum of all of an object's bytes (S3 does) is asked for it, and nothing is "
        "downloaded. "
        "Files without one are read and compared by their SHA-256; so is everything with --read-data, but "
        "for archived "
        "files, which only their checksum can vouch for until they are restored.",
    .examples = {{"seshat verify 2026-03-02-bench-1-001", "one session, its results included"},
                 {"seshat verify --all", "everything in the store"},
                 {"seshat verify --all --read-data", "every byte of it"}},
    .arguments = {{"id", "The sessions.", false, true}},
    .flags = {{"--all", "", "Every session in the store."},
              {"--read-data", "", "Read every file, also where the store's checksum would do."}},
    .json = {{"sessions", "number", "sessions looked at"},
             {"files", "number", "files looked at, results included"},
             {"bytes", "number", "bytes of good files"},
             {"by_checksum", "number", "good files that the store's checksum vouches for"},
             {"by_reading", "number", "good files that were read"},
             {"archived", "number", "of those by checksum, archived ones"},
             {"good", "boolean", "whether nothing is wrong"},
             {"failed", "array", "path (percent-encoded), code, message"}},
    .run = Run,
};

}  // namespace seshat::cli
