#include <fmt/format.h>

#include <utility>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "composition/config/units.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "services/retrieval/session_verification.h"

namespace seshat::cli {
namespace {

// How good ones were verified, where not all of them were read.
std::string HowOf(const retrieval::VerifyReport& report) {
  if (report.by_checksum == 0) return "";
  const std::string archived = report.archived == 0 ? "" : fmt::format(", {} of them archived", report.archived);
  return fmt::format(" ({} by the store's checksum{}; {} read)", report.by_checksum, archived, report.by_reading);
}

boost::json::object JsonOf(const retrieval::VerifyReport& report) {
  return {{"sessions", report.sessions},     {"files", report.files},
          {"bytes", report.bytes},           {"by_checksum", report.by_checksum},
          {"by_reading", report.by_reading}, {"archived", report.archived},
          {"good", report.failed.empty()},   {"failed", cli::JsonOf(report.failed)}};
}

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  if (invocation.arguments().empty() != invocation.Has("--all"))
    return Fail(ErrorCode::kInvalidArgument, "name sessions, or say --all");
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  retrieval::SessionVerification wanted{.all = invocation.Has("--all"),
                                        .options = {.read_data = invocation.Has("--read-data")}};
  for (const std::string& text : invocation.arguments()) {
    SESHAT_ASSIGN(SessionId id, SessionId::Parse(text));
    wanted.ids.push_back(std::move(id));
  }
  wanted.begin = [&](const SessionId& id) -> retrieval::BeginFiles {
    return [&console, name = fmt::format("files of {}", EscapeForTerminal(id.value()))](
               uint64_t files, uint64_t bytes) { return ShowProgress(console, name, files, bytes); };
  };
  const composition::StopSignals signals;
  SESHAT_ASSIGN(const auto report, retrieval::VerifySessions(*store, wanted, signals.token()));
  if (invocation.json()) {
    PrintJson(console, JsonOf(report));
  } else {
    console.PrintLine(fmt::format(
        "{} sessions, {} files, {}: {}{}", report.sessions, report.files, composition::HumanSize(report.bytes),
        report.failed.empty() ? "all good" : fmt::format("{} bad", report.failed.size()), HowOf(report)));
  }
  return ReportFailures(console, report.failed, report.files > report.failed.size());
}

}  // namespace

const Command kVerifyCommand{
    .name = "verify",
    .summary = "Compare what the store holds with what was recorded when it was stored.",
    .description =
        "A store that keeps a checksum of all of an object's bytes (S3 does) is asked for it, and nothing is "
        "downloaded. Files without one are read and compared by their SHA-256; so is everything with --read-data, but "
        "for archived files, which only their checksum can vouch for until they are restored.",
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
