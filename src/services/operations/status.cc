#include "services/operations/status.h"

#include <algorithm>
#include <optional>

namespace seshat::operations {
namespace {

// Adds the sources that only the journal knows.
Status AddKnownSources(MigrationJournal& journal, std::vector<std::string>& names) {
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

bool NeedsAPerson(const migration::SessionStatus& session) {
  return session.state == migration::SessionState::kConflict || session.state == migration::SessionState::kPartial;
}

Result<std::vector<migration::SessionStatus>> AttentionOf(migration::MigrationView& view) {
  std::vector<migration::SessionStatus> attention;
  SessionQuery query;
  while (true) {
    SESHAT_ASSIGN(const std::vector<migration::SessionStatus> sessions, view.Sessions(query));
    for (const migration::SessionStatus& session : sessions) {
      if (!NeedsAPerson(session)) continue;
      attention.push_back(session);
      if (attention.size() == kMaxAttention) return attention;
    }
    if (sessions.size() < query.limit) return attention;
    query.after = SessionRef{sessions.back().source, sessions.back().id};
  }
}

Status AddSources(const StatusQuestion& question, StatusReport& report) {
  std::vector<std::string> names = question.sources;
  SESHAT_TRY(AddKnownSources(*question.journal, names));
  migration::MigrationView view(*question.journal, question.clock);
  SESHAT_ASSIGN(report.sources, view.Sources(names));
  SESHAT_ASSIGN(report.store_problem, view.UploadProblem());
  SESHAT_ASSIGN(report.attention, AttentionOf(view));
  return {};
}

}  // namespace

Result<StatusReport> LookAtStatus(const StatusQuestion& question) {
  StatusReport report{.agent_has_run = question.journal != nullptr,
                      .processes = question.processes,
                      .store = question.store,
                      .state_directory = question.state_directory};
  if (report.agent_has_run) SESHAT_TRY(AddSources(question, report));
  for (const std::string& name : question.subscriptions) {
    SESHAT_ASSIGN(const SubscriptionStats stats, question.bus.Stats(name));
    report.subscriptions.push_back({name, stats});
  }
  SESHAT_ASSIGN(const SearchPage page, question.index.Search({.query = {MatchAll{}}, .limit = 0}));
  report.searchable = page.total;
  return report;
}

}  // namespace seshat::operations
