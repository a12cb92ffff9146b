#include "views/status.h"

#include <boost/json.hpp>

#include "core/base/utf8.h"

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kSourceFields[] = {
    {"name", FieldType::kText, "of the configuration"},
    {"sessions", FieldType::kNumber, "that a scan has seen"},
    {"waiting", FieldType::kNumber, "sessions that are not finished"},
    {"uploading", FieldType::kNumber, "sessions that are finished and not stored yet"},
    {"stored", FieldType::kNumber, "sessions in the store, partial ones included"},
    {"partial", FieldType::kNumber, "sessions with entries that could not be stored"},
    {"conflicts", FieldType::kNumber, "sessions whose id belongs to another source"},
    {"refused", FieldType::kNumber, "names that cannot be session ids"},
    {"backlog_bytes", FieldType::kNumber, "that are not stored yet"},
    {"last_session", FieldType::kText, "the one stored last"},
    {"last_stored_at", FieldType::kTime, "when that was", Presence::kNullable},
    {"scanned_at", FieldType::kTime, "when the source was last looked at", Presence::kNullable},
    {"problem", FieldType::kText, "of the last scan; empty where there was none"},
};
constexpr Field kAttentionFields[] = {
    {"session", FieldType::kText, "its id"},
    {"source", FieldType::kText, "that has it"},
    {"state", FieldType::kText, "partial or conflict"},
    {"why", FieldType::kText, "for people"},
};
constexpr Field kSubscriptionFields[] = {
    {"name", FieldType::kText, "of the subscription"},
    {"ready", FieldType::kNumber, "events that wait for a consumer"},
    {"in_flight", FieldType::kNumber, "events that a consumer works on"},
    {"dead", FieldType::kNumber, "events that were given up"},
    {"oldest_ms", FieldType::kNumber, "age of the oldest event that is not done", Presence::kNullable},
};
constexpr Field kProcessFields[] = {
    {"pid", FieldType::kNumber, "of the process"},
    {"roles", FieldType::kTexts, "agent, process, index"},
    {"host", FieldType::kText, "where it runs"},
    {"metrics_address", FieldType::kText, "address:port; empty where metrics are off"},
    {"started_at", FieldType::kTime, "when it started"},
};
constexpr Field kStatusFields[] = {
    {"sources", FieldType::kObjects, "the configured ones first", Presence::kAlways, &kSource},
    {"attention", FieldType::kObjects, "partial and conflicting sessions, at most 20", Presence::kAlways, &kAttention},
    {"subscriptions", FieldType::kObjects, "in the order in which a session passes them", Presence::kAlways,
     &kSubscription},
    {"processes", FieldType::kObjects, "that run on this state directory", Presence::kAlways, &kProcess},
    {"searchable", FieldType::kNumber, "sessions in the search index"},
    {"store_problem", FieldType::kText, "why uploads pause; empty where they do not"},
    {"store", FieldType::kText, "URL of the blob store"},
    {"state_dir", FieldType::kText, "the state directory"},
};

bj::value TimeOrNull(Timestamp time) {
  if (time == Timestamp{}) return nullptr;
  return bj::string(FormatTimestamp(time));
}

bj::object JsonOf(const migration::SourceStatus& source) {
  const SessionCounts& counts = source.sessions;
  return {{"name", source.scan.source},
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
          {"problem", ReplaceInvalidUtf8(source.scan.problem)}};
}

bj::object JsonOf(const migration::SessionStatus& session) {
  return {{"session", session.id},
          {"source", session.source},
          {"state", migration::SessionStateName(session.state)},
          {"why", ReplaceInvalidUtf8(session.why)}};
}

bj::object JsonOf(const operations::SubscriptionState& subscription) {
  const SubscriptionStats& stats = subscription.stats;
  bj::object entry{{"name", subscription.name},
                   {"ready", stats.ready},
                   {"in_flight", stats.in_flight},
                   {"dead", stats.dead},
                   {"oldest_ms", nullptr}};
  if (stats.oldest_age) entry["oldest_ms"] = stats.oldest_age->count();
  return entry;
}

bj::object JsonOf(const operations::RunningProcess& process) {
  return {{"pid", process.pid},
          {"roles", bj::value_from(process.roles)},
          {"host", process.host},
          {"metrics_address", process.metrics_address},
          {"started_at", FormatTimestamp(process.started_at)}};
}

template <typename T>
bj::array All(const std::vector<T>& things) {
  bj::array all;
  for (const T& thing : things) all.push_back(JsonOf(thing));
  return all;
}

}  // namespace

constinit const Table kSource{"Source", kSourceFields};
constinit const Table kAttention{"Attention", kAttentionFields};
constinit const Table kSubscription{"Subscription", kSubscriptionFields};
constinit const Table kProcess{"Process", kProcessFields};
constinit const Table kStatus{"Status", kStatusFields};

bj::object JsonOf(const operations::StatusReport& report) {
  return {{"sources", All(report.sources)},
          {"attention", All(report.attention)},
          {"subscriptions", All(report.subscriptions)},
          {"processes", All(report.processes)},
          {"searchable", report.searchable},
          {"store_problem", ReplaceInvalidUtf8(report.store_problem)},
          {"store", report.store},
          {"state_dir", report.state_directory}};
}

}  // namespace seshat::views
