#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "composition/config/units.h"
#include "composition/running.h"
#include "core/base/utf8.h"
#include "ports/event_bus.h"
#include "services/migration/migration_view.h"

namespace seshat::cli {
namespace {

std::string Ago(const Clock& clock, Timestamp time) {
  if (time == Timestamp{}) return "never";
  return composition::HumanDuration(std::chrono::duration_cast<std::chrono::milliseconds>(clock.Now() - time)) + " ago";
}

boost::json::value TimeOrNull(Timestamp time) {
  if (time == Timestamp{}) return nullptr;
  return boost::json::string(FormatTimestamp(time));
}

class Report {
 public:
  Report(Invocation& invocation, const Workbench& bench) : console_(invocation.console()), bench_(bench) {}

  Status Sources() {
    std::vector<std::string> names = bench_.config.Names("sources");
    auto journal = composition::OpenJournal(bench_.config, bench_.foundation, true);
    if (!journal && journal.error().code != ErrorCode::kNotFound) return std::unexpected(std::move(journal.error()));
    TextTable table(
        {"SOURCE", "SESSIONS", "WAITING", "UPLOADING", "STORED", "PARTIAL", "CONFLICTS", "BACKLOG", "LAST SCAN"});
    if (journal) {
      SESHAT_TRY(AddKnownSources(**journal, names));
      migration::MigrationView view(**journal, *bench_.foundation.clock);
      SESHAT_ASSIGN(const std::vector<migration::SourceStatus> sources, view.Sources(names));
      for (const migration::SourceStatus& source : sources) AddSource(source, table);
      // The agent's own record, under the empty name, says why uploads pause.
      SESHAT_ASSIGN(const std::optional<SourceState> agent, (*journal)->FindSource(""));
      if (agent) store_problem_ = agent->problem;
      if (!store_problem_.empty()) notes_.push_back("uploads pause: " + EscapeForTerminal(store_problem_));
      SESHAT_TRY(Attention(view));
    } else {
      notes_.push_back("no agent has run on this state directory yet");
    }
    if (table.size() > 0) text_ += table.ToString({1, 2, 3, 4, 5, 6, 7}) + "\n";
    return {};
  }

  Status Subscriptions() {
    SESHAT_ASSIGN(const auto bus, composition::OpenEventBus(bench_.config, bench_.foundation));
    TextTable table({"SUBSCRIPTION", "READY", "IN FLIGHT", "DEAD", "OLDEST"});
    for (const std::string& name : composition::SubscriptionNames(bench_.config)) {
      SESHAT_ASSIGN(const SubscriptionStats stats, bus->Stats(name));
      table.Add({name, std::to_string(stats.ready), std::to_string(stats.in_flight), std::to_string(stats.dead),
                 stats.oldest_age ? composition::HumanDuration(*stats.oldest_age) : "-"});
      boost::json::object entry{{"name", name},
                                {"ready", stats.ready},
                                {"in_flight", stats.in_flight},
                                {"dead", stats.dead},
                                {"oldest_ms", nullptr}};
      if (stats.oldest_age) entry["oldest_ms"] = stats.oldest_age->count();
      subscriptions_.push_back(std::move(entry));
    }
    text_ += table.ToString({1, 2, 3}) + "\n";
    return {};
  }

  Status Index() {
    SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench_.config, bench_.foundation));
    SESHAT_ASSIGN(const SearchPage page, index->Search({.query = {MatchAll{}}, .limit = 0}));
    searchable_ = page.total;
    text_ += fmt::format("{} sessions are searchable; they lie in {}\n", page.total,
                         EscapeForTerminal(bench_.config.Text("store.url")));
    return {};
  }

  void Processes() {
    for (const composition::RunningProcess& process :
         composition::ListRunning(composition::StateDirectory(bench_.config))) {
      processes_.push_back({{"pid", process.pid},
                            {"roles", boost::json::value_from(process.roles)},
                            {"host", process.host},
                            {"metrics_address", process.metrics_address},
                            {"started_at", FormatTimestamp(process.started_at)}});
      text_ += fmt::format("process {} ({}) since {}{}{}\n", process.pid, fmt::join(process.roles, ", "),
                           FormatTimestamp(process.started_at),
                           process.metrics_address.empty() ? "" : ", metrics at http://",
                           process.metrics_address.empty() ? "" : process.metrics_address + "/metrics");
    }
    if (processes_.empty()) text_ += "no seshat process is running\n";
  }

  void Print(bool json) {
    if (json) {
      return PrintJson(console_, boost::json::object{{"sources", std::move(sources_)},
                                                     {"attention", std::move(attention_)},
                                                     {"subscriptions", std::move(subscriptions_)},
                                                     {"processes", std::move(processes_)},
                                                     {"searchable", searchable_},
                                                     {"store_problem", ReplaceInvalidUtf8(store_problem_)},
                                                     {"store", bench_.config.Text("store.url")},
                                                     {"state_dir", bench_.config.Text("state_dir")}});
    }
    console_.Print(text_);
    for (const std::string& note : notes_) console_.Note(note);
  }

 private:
  // Sources that the journal knows and the configuration does not: named by a flag of `seshat up`.
  static Status AddKnownSources(MigrationJournal& journal, std::vector<std::string>& names) {
    SessionQuery query{.limit = 1};
    while (true) {
      SESHAT_ASSIGN(const std::vector<SessionRecord> records, journal.ListSessions(query));
      if (records.empty()) return {};
      const std::string& source = records.front().session.source;
      if (std::ranges::find(names, source) == names.end()) names.push_back(source);
      // Greater than every id, none of which holds a byte 0xFF: on to the next source.
      query.after = SessionRef{source, "\xFF"};
    }
  }

  void AddSource(const migration::SourceStatus& source, TextTable& table) {
    const SessionCounts& counts = source.sessions;
    table.Add({source.scan.source, std::to_string(counts.sessions), std::to_string(counts.waiting),
               std::to_string(counts.uploading), std::to_string(counts.committed), std::to_string(counts.partial),
               std::to_string(counts.conflicts), composition::HumanSize(counts.backlog_bytes),
               Ago(*bench_.foundation.clock, source.scan.scanned_at)});
    sources_.push_back({{"name", source.scan.source},
                        {"sessions", counts.sessions},
                        {"waiting", counts.waiting},
                        {"uploading", counts.uploading},
                        {"stored", counts.committed},
                        {"partial", counts.partial},
                        {"conflicts", counts.conflicts},
                        {"refused", source.scan.refused},
                        {"backlog_bytes", counts.backlog_bytes},
                        {"last_session", ReplaceInvalidUtf8(counts.last_session)},
                        {"last_stored_at", TimeOrNull(counts.last_committed_at)},
                        {"scanned_at", TimeOrNull(source.scan.scanned_at)},
                        {"problem", ReplaceInvalidUtf8(source.scan.problem)}});
    if (!source.scan.problem.empty())
      notes_.push_back(fmt::format("{}: {}", source.scan.source, EscapeForTerminal(source.scan.problem)));
  }

  // Sessions that need a person: at most 20 are named.
  Status Attention(migration::MigrationView& view) {
    SessionQuery query;
    while (attention_.size() < 20) {
      SESHAT_ASSIGN(const std::vector<migration::SessionStatus> sessions, view.Sessions(query));
      for (const migration::SessionStatus& session : sessions) {
        if (session.state != migration::SessionState::kConflict && session.state != migration::SessionState::kPartial)
          continue;
        if (attention_.size() >= 20) break;
        attention_.push_back({{"session", session.id},
                              {"source", session.source},
                              {"state", migration::SessionStateName(session.state)},
                              {"why", ReplaceInvalidUtf8(session.why)}});
        notes_.push_back(fmt::format("{} ({}): {}: {}", EscapeForTerminal(session.id), session.source,
                                     migration::SessionStateName(session.state), EscapeForTerminal(session.why)));
      }
      if (sessions.size() < query.limit) break;
      query.after = SessionRef{sessions.back().source, sessions.back().id};
    }
    return {};
  }

  Console& console_;
  const Workbench& bench_;
  std::string text_;
  std::vector<std::string> notes_;
  boost::json::array sources_;
  boost::json::array attention_;
  boost::json::array subscriptions_;
  boost::json::array processes_;
  uint64_t searchable_ = 0;
  std::string store_problem_;
};

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  Report report(invocation, *bench);
  SESHAT_TRY(report.Sources());
  SESHAT_TRY(report.Subscriptions());
  SESHAT_TRY(report.Index());
  report.Processes();
  report.Print(invocation.json());
  return ExitCode::kOk;
}

}  // namespace

const Command kStatusCommand{
    .name = "status",
    .summary = "Show sources, queues and running processes, and what needs attention.",
    .examples = {{"seshat status", "how far is everything?"},
                 {"seshat status --json | jq '.processes[].metrics_address'", "where the metrics are"}},
    .flags = {{"--source", "DIR", "Count this directory among the sources, as seshat up does.", "", true}},
    .json = {{"sources", "array",
              "name, sessions, waiting, uploading, stored, partial, conflicts, refused, backlog_bytes, "
              "last_session, "
              "last_stored_at, scanned_at, problem"},
             {"attention", "array", "partial and conflicting sessions, at most 20: session, source, state, why"},
             {"subscriptions", "array", "name, ready, in_flight, dead, oldest_ms"},
             {"processes", "array", "pid, roles, host, metrics_address, started_at"},
             {"searchable", "number", "sessions in the search index"},
             {"store_problem", "text", "why uploads pause; empty where they do not"},
             {"store", "text", "URL of the blob store"},
             {"state_dir", "text", "the state directory"}},
    .run = Run,
};

}  // namespace seshat::cli
