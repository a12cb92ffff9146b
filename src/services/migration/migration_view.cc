#include "services/migration/migration_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"
#include "core/records/session_id.h"
#include "services/migration/scan/completeness.h"

namespace seshat::migration {
namespace {

std::string When(Timestamp time) { return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(time)); }

bool Settled(const SessionRecord& record) {
  return record.progress.revision > 0 && record.observation.complete &&
         record.observation.fingerprint == record.progress.settled;
}

std::string WhyUploading(const SessionRecord& record, const SessionStatus& status, Timestamp now) {
  const Progress& progress = record.progress;
  std::string why = progress.stage == Stage::kSealed ? "all its files are stored; its manifest is being written"
                    : status.files_left > 0
                        ? fmt::format("it is complete; {} files are still to be stored", status.files_left)
                        : "it is complete, and the next upload takes it";
  if (!progress.problem.empty()) why += fmt::format("; the last attempt ended with: {}", progress.problem);
  if (progress.retry_at > now) why += fmt::format("; trying again at {}", When(progress.retry_at));
  return why;
}

std::string Explain(const SessionRecord& record, const SessionStatus& status, Timestamp now) {
  const Progress& progress = record.progress;
  const std::string stored = progress.revision == 0 ? ""
                                                    : fmt::format("revision {} is stored since {}; ", progress.revision,
                                                                  When(progress.committed_at));
  switch (status.state) {
    case SessionState::kConflict:
      return progress.problem;
    case SessionState::kGone:
      return "the source no longer has it, and it had not been stored";
    case SessionState::kCommitted:
      if (progress.cleaned_at != Timestamp{})
        return fmt::format("everything is stored as revision {}, and the source was emptied at {} as configured",
                           progress.revision, When(progress.cleaned_at));
      return fmt::format("everything is stored as revision {} since {}", progress.revision,
                         When(progress.committed_at));
    case SessionState::kPartial:
      return fmt::format(
          "stored as revision {} but for {} entries that could not be stored; the manifest names them and the reasons",
          progress.revision, progress.skipped);
    case SessionState::kUploading:
      return stored + WhyUploading(record, status, now);
    case SessionState::kWaiting:
      return stored + "waiting for " + record.observation.waiting_for;
  }
  return {};
}

}  // namespace

std::string_view SessionStateName(SessionState state) {
  constexpr std::string_view kNames[] = {"waiting", "uploading", "committed", "partial", "conflict", "gone"};
  return kNames[static_cast<size_t>(state)];
}

SessionState StateOf(const SessionRecord& record) {
  const Progress& progress = record.progress;
  if (progress.ownership == Ownership::kConflict) return SessionState::kConflict;
  if (progress.stage == Stage::kSealed) return SessionState::kUploading;
  const auto stored = progress.skipped > 0 ? SessionState::kPartial : SessionState::kCommitted;
  if (Settled(record)) return stored;
  if (record.observation.gone) return progress.revision > 0 ? stored : SessionState::kGone;
  return record.observation.complete ? SessionState::kUploading : SessionState::kWaiting;
}

Result<SessionStatus> MigrationView::Describe(const SessionRecord& record) {
  const Progress& progress = record.progress;
  SessionStatus status{.source = record.session.source,
                       .id = record.session.id,
                       .state = StateOf(record),
                       .revision = progress.revision,
                       .files = record.observation.files,
                       .bytes = record.observation.bytes,
                       .skipped = progress.skipped};
  const bool begun = progress.stage != Stage::kIdle || !record.observation.complete || progress.revision > 0;
  status.traceparent = begun && !progress.traceparent.empty() ? progress.traceparent : record.observation.traceparent;
  if (progress.revision > 0) status.committed_at = progress.committed_at;
  if (status.state == SessionState::kWaiting) status.until = record.observation.until;
  if (status.state == SessionState::kUploading) {
    if (progress.retry_at > clock_.Now()) status.until = progress.retry_at;
    if (progress.plan > progress.committed_plan) {
      constexpr size_t kPage = 1000;
      FileQuery query{.session = record.session, .limit = kPage, .plan = progress.plan, .unfinished = true};
      while (true) {
        SESHAT_ASSIGN(const auto page, journal_.ListFiles(query));
        status.files_left += page.size();
        if (page.size() < kPage) break;
        query.after = page.back().path;
      }
    } else {
      status.files_left = status.files;
    }
  }
  status.why = Explain(record, status, clock_.Now());
  return status;
}

Result<std::vector<SourceStatus>> MigrationView::Sources(const std::vector<std::string>& sources) {
  std::vector<SourceStatus> out;
  for (const auto& name : sources) {
    SESHAT_ASSIGN(auto scan, journal_.FindSource(name));
    SESHAT_ASSIGN(auto counts, journal_.Count(name));
    SourceStatus status{.scan = scan.value_or(SourceState{}), .sessions = std::move(counts)};
    status.scan.source = name;
    out.push_back(std::move(status));
  }
  return out;
}

Result<std::string> MigrationView::UploadProblem() {
  SESHAT_ASSIGN(const auto agent, journal_.FindSource(""));
  return agent ? agent->problem : std::string();
}

Result<std::vector<SessionStatus>> MigrationView::Sessions(const SessionQuery& query) {
  SESHAT_ASSIGN(const auto records, journal_.ListSessions(query));
  std::vector<SessionStatus> out;
  for (const auto& record : records) {
    SESHAT_ASSIGN(auto status, Describe(record));
    out.push_back(std::move(status));
  }
  return out;
}

Result<std::vector<SessionStatus>> MigrationView::Why(std::string_view session_id) {
  SESHAT_TRY(SessionId::Parse(session_id));
  SESHAT_ASSIGN(auto found, Sessions({.id = std::string(session_id)}));
  if (found.empty())
    return Fail(ErrorCode::kNotFound,
                fmt::format("no scan has seen a session '{}': check its name, that it lies in a configured source, and "
                            "with `seshat status` when the source was scanned last",
                            EscapeForTerminal(session_id)));
  SESHAT_ASSIGN(const std::string pause, UploadProblem());
  for (SessionStatus& status : found) {
    if (status.state == SessionState::kUploading && !pause.empty())
      status.why += fmt::format("; uploads pause: {}", pause);
    if (status.state != SessionState::kPartial) continue;
    SESHAT_ASSIGN(const std::string skipped, NameSkipped({status.source, status.id}));
    if (!skipped.empty()) status.why += ": " + skipped;
  }
  return found;
}

Result<std::string> MigrationView::NameSkipped(const SessionRef& session) {
  constexpr size_t kMaxNamed = 5;
  constexpr size_t kPage = 1000;
  SESHAT_ASSIGN(const auto record, journal_.FindSession(session));
  if (!record) return std::string();
  std::string names;
  size_t named = 0;
  FileQuery query{.session = session, .limit = kPage, .plan = record->progress.committed_plan};
  while (named < std::min<uint64_t>(kMaxNamed, record->progress.skipped)) {
    SESHAT_ASSIGN(const auto page, journal_.ListFiles(query));
    for (const FileRecord& file : page) {
      if (file.skip_kind.empty() || named == kMaxNamed) continue;
      names += fmt::format("{}{} ({}: {})", named++ == 0 ? "" : ", ", file.path, file.skip_kind, file.problem);
    }
    if (page.size() < kPage) break;
    query.after = page.back().path;
  }
  if (record->progress.skipped > named && named > 0)
    names += fmt::format(" and {} more", record->progress.skipped - named);
  return names;
}

}  // namespace seshat::migration
