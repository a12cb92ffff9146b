#include "services/operations/pipeline_state.h"

#include <fmt/format.h>

namespace seshat::operations {
namespace {

// Sets waiting_for where nothing else has before: the first thing on a session's way is the one to name.
void Wait(PipelineState& state, std::string what) {
  if (state.waiting_for.empty()) state.waiting_for = std::move(what);
}

// Answers how many sessions are waiting.
Result<uint64_t> LookAtWaiting(MigrationJournal& journal, const std::string& source, PipelineState& state) {
  uint64_t waiting = 0;
  SessionQuery query{.source = source, .filter = SessionFilter::kWaiting};
  while (true) {
    SESHAT_ASSIGN(const std::vector<SessionRecord> records, journal.ListSessions(query));
    for (const SessionRecord& record : records) {
      if (record.observation.gone) continue;
      ++waiting;
      if (record.observation.until) {
        Wait(state, fmt::format("session {} to be finished: {}", record.session.id, record.observation.waiting_for));
      } else {
        ++state.unfinished;
      }
    }
    if (records.size() < query.limit) return waiting;
    query.after = records.back().session;
  }
}

Status LookAtSource(MigrationJournal& journal, const std::string& source, Timestamp since, PipelineState& state) {
  SESHAT_ASSIGN(const std::optional<SourceState> scan, journal.FindSource(source));
  if (!scan || scan->scanned_at < since) Wait(state, fmt::format("the first scan of source {}", source));
  if (scan && !scan->problem.empty()) state.problems.push_back(fmt::format("source {}: {}", source, scan->problem));
  if (scan) state.refused += scan->refused;
  // A session goes from waiting to uploading. Asked in this order, one that goes on in between is counted twice; in the
  // other it would be in neither answer, and the pipeline would look idle.
  SESHAT_ASSIGN(const uint64_t waiting, LookAtWaiting(journal, source, state));
  SESHAT_ASSIGN(const SessionCounts counts, journal.Count(source));
  state.stored += counts.committed;
  state.partial += counts.partial;
  state.conflicts += counts.conflicts;
  // Conflicts, which are not going to be uploaded, are not among these.
  if (counts.uploading > 0) Wait(state, fmt::format("{} sessions of source {} to be stored", counts.uploading, source));
  // One that went the other way, because something in it changed: the next look tells what it waits for.
  if (counts.waiting > waiting) Wait(state, fmt::format("sessions of source {} to be finished", source));
  return {};
}

}  // namespace

Result<PipelineState> LookAtPipeline(const PipelineQuestion& question) {
  PipelineState state;
  if (question.journal != nullptr) {
    for (const std::string& source : question.sources)
      SESHAT_TRY(LookAtSource(*question.journal, source, question.since, state));
    // The agent's own record, under the empty name, says why uploads pause.
    SESHAT_ASSIGN(const std::optional<SourceState> agent, question.journal->FindSource(""));
    if (agent && !agent->problem.empty()) state.problems.push_back("storing: " + agent->problem);
    SESHAT_ASSIGN(const std::vector<Event> outbox, question.journal->Outbox(1));
    if (!outbox.empty()) Wait(state, "events to be published");
  }
  for (const std::string& subscription : question.subscriptions) {
    auto stats = question.bus.Stats(subscription);
    if (!stats) return std::unexpected(std::move(stats.error()).WithContext(subscription));
    if (stats->ready + stats->in_flight > 0)
      Wait(state, fmt::format("{} events of subscription {}", stats->ready + stats->in_flight, subscription));
    state.dead += stats->dead;
  }
  state.idle = state.waiting_for.empty();
  return state;
}

}  // namespace seshat::operations
