#include "cli/commands/run_roles.h"

#include <fmt/format.h>

#include "cli/commands/common.h"
#include "composition/config/units.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"
#include "ports/metadata_store.h"
#include "ports/migration_journal.h"

namespace seshat::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery{200};

struct Summary {
  uint64_t sessions = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::optional<uint64_t> results;  // absent where this process does not know
  // For the examples: a session, if possible one with metadata, and a query that finds it.
  std::string session;
  std::string query;
};

// A short entry of the metadata as a query; empty where there is none.
std::string ExampleQuery(const SessionDocument& document) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  for (const MetadataEntry& entry : document.metadata) {
    const std::string& text = entry.value.text;
    const bool plain =
        entry.key.find_first_not_of(kPlain) == std::string::npos && text.find_first_not_of(kPlain) == std::string::npos;
    if (plain && !text.empty() && text.size() <= 20 && text != document.session_id)
      return fmt::format("{} = {}", entry.key, text);
  }
  return "";
}

// Of everything searchable, page by page.
Result<Summary> Summarise(MetadataStore& index) {
  Summary summary;
  summary.results = 0;
  SearchRequest request{.query = {MatchAll{}}, .limit = 1000};
  do {
    SESHAT_ASSIGN(const SearchPage page, index.Search(request));
    for (const SearchHit& hit : page.hits) {
      if (summary.query.empty()) {
        summary.query = ExampleQuery(hit.document);
        if (summary.session.empty() || !summary.query.empty()) summary.session = hit.document.session_id;
      }
      ++summary.sessions;
      summary.files += hit.document.file_count;
      summary.bytes += hit.document.bytes;
      for (const FileDocument& file : hit.document.files)
        for (const ResultDocument& result : file.results) *summary.results += result.outputs.size();
    }
    request.cursor = page.next_cursor;
  } while (!request.cursor.empty());
  return summary;
}

// What the agent has stored. It cannot read what others made of it.
Result<Summary> Summarise(MigrationJournal& journal) {
  Summary summary;
  SessionQuery query;
  while (true) {
    SESHAT_ASSIGN(const std::vector<SessionRecord> records, journal.ListSessions(query));
    for (const SessionRecord& record : records) {
      if (record.progress.revision == 0) continue;
      ++summary.sessions;
      summary.files += record.progress.stored_files;
      summary.bytes += record.progress.stored_bytes;
    }
    if (records.size() < query.limit) return summary;
    query.after = records.back().session;
  }
}

// Nothing where the roles of this process know no sessions.
Result<std::optional<Summary>> Summarise(composition::Pipeline& pipeline) {
  if (pipeline.index() == nullptr && pipeline.journal() == nullptr) return std::nullopt;
  SESHAT_ASSIGN(Summary summary,
                pipeline.index() != nullptr ? Summarise(*pipeline.index()) : Summarise(*pipeline.journal()));
  return summary;
}

// The flags that lead the next commands to the same places.
std::string SameFlags(const Invocation& invocation) {
  std::string flags;
  for (const std::string_view name : {"--config", "--store", "--state-dir"}) {
    if (invocation.Has(name)) flags += fmt::format(" {} {}", name, EscapeForTerminal(invocation.Value(name)));
  }
  return flags;
}

void PrintSummary(Invocation& invocation, const composition::Config& config, const std::optional<Summary>& known,
                  const composition::PipelineState& state) {
  Console& console = invocation.console();
  if (!known) return console.PrintLine("nothing is left to do");
  const Summary& summary = *known;
  const std::string results = summary.results ? fmt::format(", {} results", *summary.results) : "";
  console.PrintLine(fmt::format("{} sessions, {} files, {}{}", summary.sessions, summary.files,
                                composition::HumanSize(summary.bytes), results));
  console.PrintLine(fmt::format("in {}", EscapeForTerminal(config.Text("store.url"))));
  if (state.unfinished > 0)
    console.PrintLine(
        fmt::format("{} more are not finished yet; seshat why <id> tells what they wait for", state.unfinished));
  if (summary.session.empty()) return;
  const std::string flags = SameFlags(invocation);
  const std::string id = EscapeForTerminal(summary.session);
  console.PrintLine("\ntry next:");
  console.PrintLine(summary.query.empty() ? fmt::format("  seshat search{}", flags)
                                          : fmt::format("  seshat search '{}'{}", summary.query, flags));
  console.PrintLine(fmt::format("  seshat show {}{}", id, flags));
  console.PrintLine(fmt::format("  seshat get {} --to .{}", id, flags));
}

boost::json::object JsonOf(const composition::Config& config, const std::optional<Summary>& summary,
                           const composition::PipelineState& state) {
  boost::json::object all{{"idle", state.idle},
                          {"waiting_for", ReplaceInvalidUtf8(state.waiting_for)},
                          {"sessions", nullptr},
                          {"files", nullptr},
                          {"bytes", nullptr},
                          {"results", nullptr},
                          {"store", config.Text("store.url")},
                          {"unfinished", state.unfinished},
                          {"partial", state.partial},
                          {"conflicts", state.conflicts},
                          {"refused", state.refused},
                          {"dead_letters", state.dead}};
  if (summary) {
    all["sessions"] = summary->sessions;
    all["files"] = summary->files;
    all["bytes"] = summary->bytes;
    if (summary->results) all["results"] = *summary->results;
  }
  return all;
}

// The exit status of an idle pipeline, with a message for each thing that is not as it should be.
ExitCode Judge(Console& console, const composition::PipelineState& state) {
  ExitCode code = ExitCode::kOk;
  const auto complain = [&](const std::string& what) {
    console.PrintError(EscapeForTerminal(what));
    code = ExitCode::kPartial;
  };
  for (const std::string& problem : state.problems) complain(problem);
  if (state.conflicts > 0)
    complain(fmt::format("{} sessions belong to another source: see seshat status", state.conflicts));
  if (state.partial > 0) complain(fmt::format("{} sessions are stored in part: see seshat status", state.partial));
  if (state.refused > 0)
    complain(fmt::format("{} names at the sources cannot be session ids: see seshat agent --dry-run", state.refused));
  if (state.dead > 0) complain(fmt::format("{} events were given up: see seshat dead-letters", state.dead));
  return code;
}

struct Waited {
  composition::PipelineState state;
  bool timed_out = false;
};

// Looks again and again until the pipeline is idle, the time is over, or somebody wants to stop.
Result<Waited> WaitUntilIdle(composition::Pipeline& pipeline, Clock& clock,
                             std::optional<std::chrono::milliseconds> timeout, std::stop_token stop) {
  const auto begin = clock.SteadyNow();
  Waited waited;
  do {
    auto state = pipeline.State();
    // A look that fails now (a busy database, say) is worth another one.
    if (!state && !state.error().retryable()) return std::unexpected(std::move(state.error()));
    if (state) waited.state = std::move(*state);
    if (waited.state.idle && state) return waited;
    waited.timed_out = timeout && clock.SteadyNow() - begin >= *timeout;
  } while (!waited.timed_out && clock.SleepFor(kLookEvery, stop));
  return waited;
}

Result<ExitCode> Conclude(Invocation& invocation, const composition::Config& config, composition::Pipeline& pipeline,
                          const Waited& waited) {
  SESHAT_ASSIGN(const std::optional<Summary> summary, Summarise(pipeline));
  if (invocation.json()) {
    PrintJson(invocation.console(), JsonOf(config, summary, waited.state));
  } else {
    PrintSummary(invocation, config, summary, waited.state);
  }
  SESHAT_TRY(invocation.console().Flush());
  if (waited.timed_out) {
    invocation.console().PrintError(
        fmt::format("not idle in time; still waiting for {}", EscapeForTerminal(waited.state.waiting_for)));
    (void)Judge(invocation.console(), waited.state);
    return ExitCode::kTryLater;
  }
  return Judge(invocation.console(), waited.state);
}

}  // namespace

// Ready before any command's table is made from it.
constinit const FlagSpec kSourceFlag{"--source", "DIR",
                                     "A directory in which sessions appear, besides the configured ones.", "", true};
constinit const FlagSpec kQuietTimeFlag{
    "--quiet-time", "DURATION",
    "A session of --source is finished when nothing in it has changed for this long (30s)."};
constinit const FlagSpec kUntilIdleFlag{"--until-idle", "", "End when nothing that has arrived is left to do."};
constinit const FlagSpec kTimeoutFlag{"--timeout", "DURATION",
                                      "With --until-idle: end after this long all the same, with 5."};

std::vector<JsonField> RoleJson() {
  return {{"idle", "boolean", "whether nothing was left to do"},
          {"waiting_for", "text", "the first thing that was left; empty when idle"},
          {"sessions", "number?",
           "searchable sessions; of an agent by itself, those it has stored; null of workers by themselves"},
          {"files", "number?", "their files"},
          {"bytes", "number?", "their bytes"},
          {"results", "number?", "files of post-processed data; null where nothing is indexed here"},
          {"store", "text", "where they lie"},
          {"unfinished", "number", "sessions that wait for something that no clock brings"},
          {"partial", "number", "sessions with entries that could not be stored"},
          {"conflicts", "number", "sessions whose id belongs to another source"},
          {"refused", "number", "names that cannot be session ids"},
          {"dead_letters", "number", "events that were given up"}};
}

Result<ExitCode> RunRoles(Invocation& invocation, const std::set<composition::Role>& roles) {
  std::optional<std::chrono::milliseconds> timeout;
  if (invocation.Has("--timeout")) {
    SESHAT_ASSIGN(timeout, invocation.Duration("--timeout", {}));
  }
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  Clock& clock = *bench->foundation.clock;
  SESHAT_ASSIGN(composition::Pipeline* const pipeline, bench->OpenRoles(roles));
  composition::StopSignals signals;
  std::string names;
  for (const composition::Role role : roles)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", composition::RoleName(role));
  bench->foundation.logger->Info("started", {{"roles", names},
                                             {"store", bench->config.Text("store.url")},
                                             {"state_dir", bench->config.Text("state_dir")},
                                             {"metrics", pipeline->metrics_address()}});
  pipeline->Start(signals.token());
  const bool until_idle = invocation.Has("--until-idle");
  auto waited = WaitUntilIdle(*pipeline, clock, until_idle ? timeout : std::nullopt, signals.token());
  Result<ExitCode> code = ExitCode::kOk;
  const bool stopped = signals.token().stop_requested();
  if (!waited) {
    code = std::unexpected(waited.error());
  } else if (stopped && until_idle) {
    code = Fail(ErrorCode::kCancelled, "stopped before everything was done; the next start goes on from here");
  } else if (!stopped) {
    code = Conclude(invocation, bench->config, *pipeline, *waited);
    if (!until_idle) {
      bench->foundation.logger->Info("nothing is left to do; waiting for more until Ctrl-C");
      // What is wrong by then is in the log and in `seshat status`; being told to stop is no failure.
      while (clock.SleepFor(std::chrono::hours(24), signals.token())) {
      }
      if (code) code = ExitCode::kOk;
    }
  }
  signals.RequestStop();
  pipeline->Join();
  bench->foundation.logger->Info("stopped");
  return code;
}

}  // namespace seshat::cli
