#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "composition/config/units.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "services/migration/migration_view.h"

namespace seshat::cli {
namespace {

struct IndexedState {
  bool searchable = false;
  uint64_t files = 0;
  uint64_t results = 0;
  uint64_t failures = 0;
};

Result<IndexedState> LookUp(MetadataStore& index, const std::string& id) {
  IndexedState state;
  const auto document = index.Get(id);
  if (!document && document.error().code != ErrorCode::kNotFound) return std::unexpected(document.error());
  if (!document) return state;
  state.searchable = true;
  state.files = document->file_count;
  for (const FileDocument& file : document->files) {
    for (const ResultDocument& result : file.results)
      ++(result.outcome == "succeeded" ? state.results : state.failures);
  }
  return state;
}

void PrintText(Console& console, const std::vector<migration::SessionStatus>& sessions, const IndexedState& indexed) {
  for (const migration::SessionStatus& session : sessions) {
    console.PrintLine(fmt::format("{} ({}): {}", EscapeForTerminal(session.id), session.source,
                                  migration::SessionStateName(session.state)));
    console.PrintLine("  " + EscapeForTerminal(session.why));
    if (session.until) console.PrintLine(fmt::format("  until {}", FormatTimestamp(*session.until)));
    console.PrintLine(
        fmt::format("  {} files, {} at the source", session.files, composition::HumanSize(session.bytes)));
  }
  if (!indexed.searchable) return console.PrintLine("not searchable yet");
  console.PrintLine(fmt::format("searchable: {} files, {} processed{}", indexed.files, indexed.results,
                                indexed.failures > 0 ? fmt::format(", {} failed", indexed.failures) : ""));
}

boost::json::object JsonOf(const std::vector<migration::SessionStatus>& sessions, const IndexedState& indexed) {
  boost::json::array all;
  for (const migration::SessionStatus& session : sessions) {
    boost::json::object entry{{"session", session.id},
                              {"source", session.source},
                              {"state", migration::SessionStateName(session.state)},
                              {"why", ReplaceInvalidUtf8(session.why)},
                              {"until", nullptr},
                              {"revision", session.revision},
                              {"files", session.files},
                              {"files_left", session.files_left},
                              {"bytes", session.bytes},
                              {"skipped", session.skipped},
                              {"traceparent", session.traceparent}};
    if (session.until) entry["until"] = FormatTimestamp(*session.until);
    all.push_back(std::move(entry));
  }
  return {{"sessions", std::move(all)},
          {"searchable", indexed.searchable},
          {"processed", indexed.results},
          {"failed", indexed.failures}};
}

// What the journal says, and the nearest id that it has.
std::unexpected<Error> Unknown(MigrationJournal& journal, Error error, const std::string& id) {
  std::vector<std::string> ids;
  if (const auto records = journal.ListSessions({.limit = 10'000})) {
    for (const SessionRecord& record : *records) ids.push_back(record.session.id);
  }
  error.message += DidYouMean(id, ids);
  return std::unexpected(std::move(error));
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string& id = invocation.arguments().front();
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  SESHAT_ASSIGN(const IndexedState indexed, LookUp(*index, id));
  std::vector<migration::SessionStatus> sessions;
  auto journal = composition::OpenJournal(bench->config, bench->foundation, true);
  if (!journal && journal.error().code != ErrorCode::kNotFound) return std::unexpected(std::move(journal.error()));
  if (journal) {
    migration::MigrationView view(**journal, *bench->foundation.clock);
    auto found = view.Why(id);
    if (!found && found.error().code == ErrorCode::kNotFound && !indexed.searchable)
      return Unknown(**journal, std::move(found.error()), id);
    if (!found && found.error().code != ErrorCode::kNotFound) return std::unexpected(std::move(found.error()));
    if (found) sessions = std::move(*found);
  } else if (!indexed.searchable) {
    return std::unexpected(NoSuchSession(*index, id));
  }
  if (invocation.json()) {
    PrintJson(invocation.console(), JsonOf(sessions, indexed));
  } else {
    PrintText(invocation.console(), sessions, indexed);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kWhyCommand{
    .name = "why",
    .summary = "Say what a session is waiting for, and until when.",
    .examples = {{"seshat why 2026-03-08-bench-1-007", "why is it not in the store yet?"}},
    .arguments = {{"id", "The session.", true}},
    .json = {{"sessions", "array",
              "for each source that has it: session, source, state, why, until, revision, files, files_left, "
              "bytes, "
              "skipped, traceparent"},
             {"searchable", "boolean", "whether it can be found with seshat search"},
             {"processed", "number", "runs of processors that succeeded"},
             {"failed", "number", "runs of processors that were given up"}},
    .run = Run,
};

}  // namespace seshat::cli
