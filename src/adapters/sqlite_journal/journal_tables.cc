#include "adapters/sqlite_journal/journal_tables.h"

#include <fmt/format.h>

#include <limits>

#include "adapters/sqlite_journal/journal_rows.h"

namespace seshat::sqlite_journal {

namespace rows = journal_rows;

Result<std::string> SqliteJournal::AgentId() {
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare("SELECT value FROM agent WHERE name='id'"));
  SESHAT_ASSIGN(const bool found, row.Step());
  if (!found) return Fail(ErrorCode::kDataLoss, "the agent's journal has lost the agent's id");
  return std::string(row.Text(0));
}

Status SqliteJournal::Apply(const JournalChange& change) {
  const std::lock_guard lock(writer_mutex_);
  if (writer_ == nullptr) return Fail(ErrorCode::kPermissionDenied, "the agent's journal was opened for reading");
  return writer_->Transact([&] { return ApplyAll(change); });
}

Status SqliteJournal::ApplyAll(const JournalChange& change) {
  for (const auto& [session, observation] : change.observations) {
    SESHAT_ASSIGN(auto statement, writer_->Prepare(rows::UpsertObservation()));
    rows::Bind(statement, session, observation);
    SESHAT_TRY(statement.Run());
  }
  for (const auto& [session, progress] : change.progress) {
    SESHAT_ASSIGN(auto statement, writer_->Prepare(rows::UpsertProgress()));
    rows::Bind(statement, session, progress);
    SESHAT_TRY(statement.Run());
  }
  SESHAT_TRY(ApplyFiles(change));
  for (const auto& source : change.sources) {
    SESHAT_ASSIGN(auto statement, writer_->Prepare(rows::kUpsertSource));
    rows::Bind(statement, source);
    SESHAT_TRY(statement.Run());
  }
  for (const auto& event : change.outbox) {
    SESHAT_ASSIGN(auto statement, writer_->Prepare("INSERT INTO outbox(id, event) VALUES(?,?)"));
    statement.Bind(event.id).Bind(records::EncodeEvent(event));
    SESHAT_TRY(statement.Run());
  }
  for (const auto& id : change.published) {
    SESHAT_ASSIGN(auto statement, writer_->Prepare("DELETE FROM outbox WHERE id=?"));
    statement.Bind(id);
    SESHAT_TRY(statement.Run());
  }
  return {};
}

Status SqliteJournal::ApplyFiles(const JournalChange& change) {
  if (change.files.empty()) return {};
  static const std::string sql = rows::UpsertFile();
  const SessionRef* session = nullptr;
  int64_t number = 0;
  for (const auto& [ref, file] : change.files) {
    if (session == nullptr || *session != ref) {
      SESHAT_ASSIGN(number, NumberOf(ref));
      session = &ref;
    }
    SESHAT_ASSIGN(auto statement, writer_->Prepare(sql));
    rows::Bind(statement, number, file);
    SESHAT_TRY(statement.Run());
  }
  return {};
}

Result<int64_t> SqliteJournal::NumberOf(const SessionRef& session) {
  {
    SESHAT_ASSIGN(auto make, writer_->Prepare("INSERT OR IGNORE INTO session(source, id) VALUES(?,?)"));
    make.Bind(session.source).Bind(session.id);
    SESHAT_TRY(make.Run());
  }
  SESHAT_ASSIGN(auto find, writer_->Prepare("SELECT number FROM session WHERE source=? AND id=?"));
  find.Bind(session.source).Bind(session.id);
  SESHAT_TRY(find.Step());
  return find.Int(0);
}

Result<std::optional<Observation>> SqliteJournal::FindObservation(std::string_view source, std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM session WHERE source=? AND id=?", rows::kObservationColumns);
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare(sql));
  row.Bind(source).Bind(id);
  SESHAT_ASSIGN(const bool found, row.Step());
  if (!found) return std::nullopt;
  SESHAT_ASSIGN(auto observation, rows::ReadObservation(row, 0));
  return observation;
}

Result<std::optional<SessionRecord>> SqliteJournal::FindSession(const SessionRef& session) {
  SESHAT_ASSIGN(auto found, ListSessions({.source = session.source, .id = session.id, .limit = 1}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::vector<SessionRecord>> SqliteJournal::ListSessions(const SessionQuery& query) {
  std::string sql =
      fmt::format("SELECT {} FROM session WHERE {}", rows::SessionColumns(), rows::FilterClause(query.filter));
  if (!query.source.empty()) sql += " AND source=?";
  if (!query.id.empty()) sql += " AND id=?";
  if (query.after) sql += " AND (source, id)>(?,?)";
  sql += " ORDER BY source, id LIMIT ?";
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare(sql));
  if (query.filter == SessionFilter::kUpload || query.filter == SessionFilter::kCleanup)
    row.Bind(query.due ? rows::Nanoseconds(*query.due) : std::numeric_limits<int64_t>::max());
  if (!query.source.empty()) row.Bind(query.source);
  if (!query.id.empty()) row.Bind(query.id);
  if (query.after) row.Bind(query.after->source).Bind(query.after->id);
  row.Bind(query.limit);
  std::vector<SessionRecord> out;
  while (true) {
    SESHAT_ASSIGN(const bool found, row.Step());
    if (!found) return out;
    SESHAT_ASSIGN(auto record, rows::ReadSession(row));
    out.push_back(std::move(record));
  }
}

Result<std::vector<FileRecord>> SqliteJournal::ListFiles(const FileQuery& query) {
  std::string sql =
      fmt::format("SELECT {} FROM file WHERE session=(SELECT number FROM session WHERE source=? AND id=?) AND path>?",
                  rows::kFileColumns);
  if (query.plan) sql += " AND plan=?";
  if (query.not_plan) sql += " AND plan<>?";
  if (query.unfinished) sql += " AND state<=1";
  sql += " ORDER BY path LIMIT ?";
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare(sql));
  row.Bind(query.session.source).Bind(query.session.id).BindBlob(AsBytes(query.after));
  if (query.plan) row.Bind(*query.plan);
  if (query.not_plan) row.Bind(*query.not_plan);
  row.Bind(query.limit);
  std::vector<FileRecord> out;
  while (true) {
    SESHAT_ASSIGN(const bool found, row.Step());
    if (!found) return out;
    SESHAT_ASSIGN(auto file, rows::ReadFile(row));
    out.push_back(std::move(file));
  }
}

Result<std::optional<FileRecord>> SqliteJournal::FindFile(const SessionRef& session, std::string_view path) {
  static const std::string sql =
      fmt::format("SELECT {} FROM file WHERE session=(SELECT number FROM session WHERE source=? AND id=?) AND path=?",
                  rows::kFileColumns);
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare(sql));
  row.Bind(session.source).Bind(session.id).BindBlob(AsBytes(path));
  SESHAT_ASSIGN(const bool found, row.Step());
  if (!found) return std::nullopt;
  SESHAT_ASSIGN(auto file, rows::ReadFile(row));
  return file;
}

Result<SessionCounts> SqliteJournal::Count(std::string_view source) {
  // 3: Ownership::kConflict.
  constexpr std::string_view kSql = R"(
SELECT count(*), coalesce(sum(waiting),0), coalesce(sum(uploading),0), coalesce(sum(revision>0),0),
  coalesce(sum(revision>0 AND skipped>0),0), coalesce(sum(ownership=3),0),
  CAST(total(CASE WHEN waiting OR uploading THEN bytes ELSE 0 END) AS INTEGER)
FROM (SELECT complete=0 AND gone=0 AS waiting,
    complete=1 AND gone=0 AND ownership<>3 AND fingerprint<>settled AS uploading,
    revision, skipped, ownership, bytes FROM session WHERE source=?))";
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare(kSql));
  row.Bind(source);
  SESHAT_TRY(row.Step());
  const auto number = [&](int column) { return static_cast<uint64_t>(row.Int(column)); };
  SessionCounts counts{.sessions = number(0),
                       .waiting = number(1),
                       .uploading = number(2),
                       .committed = number(3),
                       .partial = number(4),
                       .conflicts = number(5),
                       .backlog_bytes = number(6)};
  SESHAT_ASSIGN(auto last, reader_->Prepare("SELECT id, committed_at FROM session WHERE source=? AND revision>0 "
                                            "ORDER BY committed_at DESC, id DESC LIMIT 1"));
  last.Bind(source);
  SESHAT_ASSIGN(const bool found, last.Step());
  if (found) {
    counts.last_session = last.Text(0);
    counts.last_committed_at = rows::TimeOf(last.Int(1));
  }
  return counts;
}

Result<std::optional<SourceState>> SqliteJournal::FindSource(std::string_view source) {
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare("SELECT name, scanned_at, next_scan_at, entries, loose, refused, problem "
                                           "FROM source WHERE name=?"));
  row.Bind(source);
  SESHAT_ASSIGN(const bool found, row.Step());
  if (!found) return std::nullopt;
  return rows::ReadSource(row);
}

Result<std::vector<Event>> SqliteJournal::Outbox(size_t limit) {
  const std::lock_guard lock(reader_mutex_);
  SESHAT_ASSIGN(auto row, reader_->Prepare("SELECT event FROM outbox ORDER BY number LIMIT ?"));
  row.Bind(limit);
  std::vector<Event> events;
  while (true) {
    SESHAT_ASSIGN(const bool found, row.Step());
    if (!found) return events;
    SESHAT_ASSIGN(auto event, records::DecodeEvent(row.Text(0)));
    events.push_back(std::move(event));
  }
}

}  // namespace seshat::sqlite_journal
