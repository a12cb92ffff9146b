#include "adapters/memory_journal/memory_journal.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

namespace seshat::memory_journal {
namespace {

bool WantsUpload(const SessionRecord& r) {
  if (r.progress.stage == Stage::kSealed) return true;
  if (r.observation.gone || !r.observation.complete) return false;
  return r.progress.recheck_at != Timestamp{} || r.observation.fingerprint != r.progress.settled;
}

bool Settled(const SessionRecord& r) {
  return r.observation.complete && r.observation.fingerprint == r.progress.settled;
}

bool Due(const SessionRecord& r, Timestamp now) {
  const bool only_recheck = r.progress.stage != Stage::kSealed && Settled(r);
  return r.progress.retry_at <= now && (!only_recheck || r.progress.recheck_at <= now);
}

bool Matches(const SessionRecord& r, const SessionQuery& q) {
  if (!q.source.empty() && r.session.source != q.source) return false;
  if (!q.id.empty() && r.session.id != q.id) return false;
  if (q.after && r.session <= *q.after) return false;
  switch (q.filter) {
    case SessionFilter::kAll:
      return true;
    case SessionFilter::kWaiting:
      return !r.observation.complete && !r.observation.gone;
    case SessionFilter::kUpload:
      return WantsUpload(r) && (!q.due || Due(r, *q.due));
    case SessionFilter::kCleanup:
      return Settled(r) && !r.observation.gone && r.progress.stage == Stage::kIdle && r.progress.revision > 0 &&
             r.progress.skipped == 0 && r.progress.cleaned_at == Timestamp{} &&
             (!q.due || r.progress.committed_at <= *q.due);
  }
  return false;
}

class MemoryJournal : public MigrationJournal {
 public:
  explicit MemoryJournal(std::string agent_id) : agent_id_(std::move(agent_id)) {}

  Result<std::string> AgentId() override { return agent_id_; }

  Status Apply(const JournalChange& change) override {
    const std::lock_guard lock(mutex_);
    std::set<std::string_view> waiting;
    for (const auto& event : outbox_) waiting.insert(event.id);
    for (const auto& event : change.outbox)
      if (!waiting.insert(event.id).second)
        return Fail(ErrorCode::kAlreadyExists, "an event '" + event.id + "' waits already");
    for (const auto& [session, observation] : change.observations) Of(session).observation = observation;
    for (const auto& [session, progress] : change.progress) Of(session).progress = progress;
    for (const auto& [session, file] : change.files) {
      Of(session);
      files_[session][file.path] = file;
    }
    for (const auto& source : change.sources) sources_[source.source] = source;
    outbox_.insert(outbox_.end(), change.outbox.begin(), change.outbox.end());
    std::erase_if(outbox_, [&](const Event& e) { return std::ranges::count(change.published, e.id) > 0; });
    return {};
  }

  Result<std::optional<Observation>> FindObservation(std::string_view source, std::string_view id) override {
    SESHAT_ASSIGN(const auto record, FindSession({std::string(source), std::string(id)}));
    return record ? std::optional(record->observation) : std::nullopt;
  }

  Result<std::optional<SessionRecord>> FindSession(const SessionRef& session) override {
    const std::lock_guard lock(mutex_);
    const auto it = sessions_.find(session);
    return it == sessions_.end() ? std::nullopt : std::optional(it->second);
  }

  Result<std::vector<SessionRecord>> ListSessions(const SessionQuery& query) override {
    const std::lock_guard lock(mutex_);
    std::vector<SessionRecord> out;
    for (const auto& [session, record] : sessions_)
      if (out.size() < query.limit && Matches(record, query)) out.push_back(record);
    return out;
  }

  Result<std::vector<FileRecord>> ListFiles(const FileQuery& query) override {
    const std::lock_guard lock(mutex_);
    std::vector<FileRecord> out;
    const auto it = files_.find(query.session);
    if (it == files_.end()) return out;
    for (auto f = it->second.upper_bound(query.after); f != it->second.end() && out.size() < query.limit; ++f) {
      const FileRecord& file = f->second;
      const bool open = file.state == FileState::kPending || file.state == FileState::kIntended;
      if ((query.plan && file.plan != *query.plan) || (query.not_plan && file.plan == *query.not_plan) ||
          (query.unfinished && !open))
        continue;
      out.push_back(file);
    }
    return out;
  }

  Result<std::optional<FileRecord>> FindFile(const SessionRef& session, std::string_view path) override {
    const std::lock_guard lock(mutex_);
    const auto it = files_.find(session);
    if (it == files_.end()) return std::nullopt;
    const auto file = it->second.find(std::string(path));
    return file == it->second.end() ? std::nullopt : std::optional(file->second);
  }

  Result<SessionCounts> Count(std::string_view source) override {
    const std::lock_guard lock(mutex_);
    SessionCounts counts;
    for (const auto& [session, r] : sessions_) {
      if (session.source != source) continue;
      ++counts.sessions;
      const bool conflict = r.progress.ownership == Ownership::kConflict;
      const bool waiting = !r.observation.complete && !r.observation.gone;
      const bool uploading = r.observation.complete && !r.observation.gone && !conflict && !Settled(r);
      counts.waiting += waiting ? 1 : 0;
      counts.uploading += uploading ? 1 : 0;
      counts.conflicts += conflict ? 1 : 0;
      if (waiting || uploading) counts.backlog_bytes += r.observation.bytes;
      if (r.progress.revision == 0) continue;
      ++counts.committed;
      counts.partial += r.progress.skipped > 0 ? 1 : 0;
      if (r.progress.committed_at < counts.last_committed_at) continue;
      counts.last_committed_at = r.progress.committed_at;
      counts.last_session = session.id;
    }
    return counts;
  }

  Result<std::optional<SourceState>> FindSource(std::string_view source) override {
    const std::lock_guard lock(mutex_);
    const auto it = sources_.find(source);
    return it == sources_.end() ? std::nullopt : std::optional(it->second);
  }

  Result<std::vector<Event>> Outbox(size_t limit) override {
    const std::lock_guard lock(mutex_);
    return std::vector<Event>(outbox_.begin(),
                              outbox_.begin() + static_cast<ptrdiff_t>(std::min(limit, outbox_.size())));
  }

 private:
  SessionRecord& Of(const SessionRef& session) {
    SessionRecord& record = sessions_[session];
    record.session = session;
    return record;
  }

  std::string agent_id_;
  std::mutex mutex_;
  std::map<SessionRef, SessionRecord> sessions_;
  std::map<SessionRef, std::map<std::string, FileRecord>> files_;
  std::map<std::string, SourceState, std::less<>> sources_;
  std::vector<Event> outbox_;
};

}  // namespace

std::unique_ptr<MigrationJournal> MakeMemoryJournal(std::string agent_id) {
  return std::make_unique<MemoryJournal>(std::move(agent_id));
}

}  // namespace seshat::memory_journal
