#include "adapters/sqlite_journal/journal_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace seshat::journal_rows {
namespace {

constexpr std::string_view kProgressColumns =
    "ownership, nonce, claimed_at, owner_put_state, revision, committed_plan, committed_at, settled, stored_files, "
    "stored_bytes, skipped, plan, stage, planned, progress_trace, sealed_at, manifest_sha256, manifest_put_state, "
    "retry_at, attempts, recheck_at, problem, cleaned_at";
constexpr int kObservationCount = 9;

// "INSERT INTO <table>(<keys>, <columns>) VALUES(…) ON CONFLICT(<keys>) DO UPDATE SET a=excluded.a, …"
std::string Upsert(std::string_view table, std::string_view keys, std::string_view columns) {
  std::string values;
  std::string updates;
  const auto add = [&](std::string_view list, bool update) {
    while (!list.empty()) {
      const size_t comma = list.find(", ");
      const auto name = list.substr(0, comma);
      values += values.empty() ? "?" : ",?";
      if (update) updates += fmt::format("{}{}=excluded.{}", updates.empty() ? "" : ",", name, name);
      list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 2);
    }
  };
  add(keys, false);
  add(columns, true);
  return fmt::format("INSERT INTO {}({}, {}) VALUES({}) ON CONFLICT({}) DO UPDATE SET {}", table, keys, columns, values,
                     keys, updates);
}

template <typename Enum>
Enum EnumOf(int64_t value) {
  return static_cast<Enum>(value);
}

Result<Fingerprint> FingerprintOf(std::string_view text) {
  if (text.empty()) return Fingerprint();
  auto value = Fingerprint::FromHex(text);
  if (!value) return Fail(ErrorCode::kDataLoss, "the agent's journal holds a broken fingerprint");
  return value;
}

std::string TextOf(const Fingerprint& fingerprint) { return fingerprint.empty() ? "" : fingerprint.ToHex(); }

Sha256 DigestOf(ByteSpan blob) {
  Sha256 digest;
  if (blob.size() == digest.bytes.size()) std::ranges::copy(blob, digest.bytes.begin());
  return digest;
}

void BindDigest(sqlite::Statement& statement, const Sha256& digest) {
  // All zero means none, and is kept as nothing: most records of a new plan have none.
  statement.BindBlob(digest == Sha256{} ? ByteSpan() : ByteSpan(digest.bytes));
}

FileStat StatOf(const sqlite::Statement& row, int column) {
  return {.size = static_cast<uint64_t>(row.Int(column)),
          .modified_ns = row.Int(column + 1),
          .changed_ns = row.Int(column + 2),
          .inode = static_cast<uint64_t>(row.Int(column + 3)),
          .mode = static_cast<uint32_t>(row.Int(column + 4))};
}

void BindStat(sqlite::Statement& statement, const FileStat& stat) {
  statement.Bind(stat.size).Bind(stat.modified_ns).Bind(stat.changed_ns).Bind(stat.inode).Bind(stat.mode);
}

uint64_t Unsigned(const sqlite::Statement& row, int column) { return static_cast<uint64_t>(row.Int(column)); }

Result<Progress> ReadProgress(const sqlite::Statement& row, int c) {
  Progress p;
  p.ownership = EnumOf<Ownership>(row.Int(c));
  p.nonce = row.Text(c + 1);
  p.claimed_at = TimeOf(row.Int(c + 2));
  p.owner_put_state = row.Text(c + 3);
  p.revision = static_cast<uint32_t>(row.Int(c + 4));
  p.committed_plan = Unsigned(row, c + 5);
  p.committed_at = TimeOf(row.Int(c + 6));
  SESHAT_ASSIGN(p.settled, FingerprintOf(row.Text(c + 7)));
  p.stored_files = Unsigned(row, c + 8);
  p.stored_bytes = Unsigned(row, c + 9);
  p.skipped = Unsigned(row, c + 10);
  p.plan = Unsigned(row, c + 11);
  p.stage = EnumOf<Stage>(row.Int(c + 12));
  SESHAT_ASSIGN(p.planned, FingerprintOf(row.Text(c + 13)));
  p.traceparent = row.Text(c + 14);
  p.sealed_at = TimeOf(row.Int(c + 15));
  if (!row.IsNull(c + 16)) p.manifest_sha256 = DigestOf(row.Blob(c + 16));
  p.manifest_put_state = row.Text(c + 17);
  p.retry_at = TimeOf(row.Int(c + 18));
  p.attempts = static_cast<uint32_t>(row.Int(c + 19));
  p.recheck_at = TimeOf(row.Int(c + 20));
  p.problem = row.Text(c + 21);
  p.cleaned_at = TimeOf(row.Int(c + 22));
  return p;
}

}  // namespace

const std::string_view kSchema[1] = {R"(
CREATE TABLE agent(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE session(
  number INTEGER PRIMARY KEY,
  source TEXT NOT NULL, id TEXT NOT NULL,
  fingerprint TEXT NOT NULL DEFAULT '', changed_at INTEGER NOT NULL DEFAULT 0,
  files INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  complete INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0,
  waiting_for TEXT NOT NULL DEFAULT '', until INTEGER, trace TEXT NOT NULL DEFAULT '',
  ownership INTEGER NOT NULL DEFAULT 0, nonce TEXT NOT NULL DEFAULT '', claimed_at INTEGER NOT NULL DEFAULT 0,
  owner_put_state TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 0,
  committed_plan INTEGER NOT NULL DEFAULT 0, committed_at INTEGER NOT NULL DEFAULT 0,
  settled TEXT NOT NULL DEFAULT '', stored_files INTEGER NOT NULL DEFAULT 0,
  stored_bytes INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0, plan INTEGER NOT NULL DEFAULT 0,
  stage INTEGER NOT NULL DEFAULT 0, planned TEXT NOT NULL DEFAULT '', progress_trace TEXT NOT NULL DEFAULT '',
  sealed_at INTEGER NOT NULL DEFAULT 0, manifest_sha256 BLOB, manifest_put_state TEXT NOT NULL DEFAULT '',
  retry_at INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, recheck_at INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '', cleaned_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE(source, id));
CREATE INDEX session_waiting ON session(source, id) WHERE complete=0 AND gone=0;
CREATE INDEX session_upload ON session(source, id)
  WHERE stage=2 OR (complete=1 AND gone=0 AND (recheck_at<>0 OR fingerprint<>settled));
CREATE INDEX session_cleanup ON session(source, id)
  WHERE complete=1 AND gone=0 AND fingerprint=settled AND stage=0 AND revision>0 AND skipped=0 AND cleaned_at=0;
CREATE INDEX session_by_id ON session(id);
CREATE TABLE file(
  session INTEGER NOT NULL, path BLOB NOT NULL, plan INTEGER NOT NULL, changed_plan INTEGER NOT NULL,
  in_plan INTEGER NOT NULL, state INTEGER NOT NULL, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL, inode INTEGER NOT NULL, mode INTEGER NOT NULL, stored_size INTEGER NOT NULL,
  stored_modified_ns INTEGER NOT NULL, stored_changed_ns INTEGER NOT NULL, stored_inode INTEGER NOT NULL,
  stored_mode INTEGER NOT NULL, since_revision INTEGER NOT NULL, rewrite INTEGER NOT NULL, sha256 BLOB NOT NULL,
  storage_class INTEGER NOT NULL, checksum TEXT NOT NULL, put_state TEXT NOT NULL, skip_kind TEXT NOT NULL,
  problem TEXT NOT NULL, cleaned INTEGER NOT NULL,
  PRIMARY KEY(session, path)) WITHOUT ROWID;
CREATE TABLE source(
  name TEXT PRIMARY KEY, scanned_at INTEGER NOT NULL, next_scan_at INTEGER, entries INTEGER NOT NULL,
  loose INTEGER NOT NULL, refused INTEGER NOT NULL, problem TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL);
)"};

int64_t Nanoseconds(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp TimeOf(int64_t nanoseconds) { return Timestamp(std::chrono::nanoseconds(nanoseconds)); }

std::string SessionColumns() { return fmt::format("source, id, {}, {}", kObservationColumns, kProgressColumns); }
std::string UpsertObservation() { return Upsert("session", "source, id", kObservationColumns); }
std::string UpsertProgress() { return Upsert("session", "source, id", kProgressColumns); }
std::string UpsertFile() { return Upsert("file", "session, path", kFileColumns.substr(6)); }

Result<Observation> ReadObservation(const sqlite::Statement& row, int c) {
  Observation o;
  SESHAT_ASSIGN(o.fingerprint, FingerprintOf(row.Text(c)));
  o.changed_at = TimeOf(row.Int(c + 1));
  o.files = Unsigned(row, c + 2);
  o.bytes = Unsigned(row, c + 3);
  o.complete = row.Int(c + 4) != 0;
  o.gone = row.Int(c + 5) != 0;
  o.waiting_for = row.Text(c + 6);
  if (!row.IsNull(c + 7)) o.until = TimeOf(row.Int(c + 7));
  o.traceparent = row.Text(c + 8);
  return o;
}

Result<SessionRecord> ReadSession(const sqlite::Statement& row) {
  SessionRecord record{.session = {std::string(row.Text(0)), std::string(row.Text(1))}};
  SESHAT_ASSIGN(record.observation, ReadObservation(row, 2));
  SESHAT_ASSIGN(record.progress, ReadProgress(row, 2 + kObservationCount));
  return record;
}

Result<FileRecord> ReadFile(const sqlite::Statement& row) {
  FileRecord file{.path = std::string(AsText(row.Blob(0))),
                  .plan = Unsigned(row, 1),
                  .changed_plan = Unsigned(row, 2),
                  .in_plan = Unsigned(row, 3),
                  .state = EnumOf<FileState>(row.Int(4)),
                  .stat = StatOf(row, 5),
                  .stored = StatOf(row, 10),
                  .since_revision = static_cast<uint32_t>(row.Int(15)),
                  .rewrite = static_cast<uint32_t>(row.Int(16)),
                  .sha256 = DigestOf(row.Blob(17)),
                  .storage_class = EnumOf<StorageClass>(row.Int(18)),
                  .checksum = std::string(row.Text(19)),
                  .put_state = std::string(row.Text(20)),
                  .skip_kind = std::string(row.Text(21)),
                  .problem = std::string(row.Text(22)),
                  .cleaned = row.Int(23) != 0};
  return file;
}

SourceState ReadSource(const sqlite::Statement& row) {
  SourceState state{.source = std::string(row.Text(0)),
                    .scanned_at = TimeOf(row.Int(1)),
                    .entries = Unsigned(row, 3),
                    .loose = Unsigned(row, 4),
                    .refused = Unsigned(row, 5),
                    .problem = std::string(row.Text(6))};
  if (!row.IsNull(2)) state.next_scan_at = TimeOf(row.Int(2));
  return state;
}

void Bind(sqlite::Statement& s, const SessionRef& session, const Observation& o) {
  s.Bind(session.source).Bind(session.id);
  s.Bind(TextOf(o.fingerprint)).Bind(Nanoseconds(o.changed_at)).Bind(o.files).Bind(o.bytes);
  s.Bind(o.complete ? 1 : 0).Bind(o.gone ? 1 : 0).Bind(o.waiting_for);
  s.Bind(o.until ? std::optional(Nanoseconds(*o.until)) : std::nullopt).Bind(o.traceparent);
}

void Bind(sqlite::Statement& s, const SessionRef& session, const Progress& p) {
  s.Bind(session.source).Bind(session.id);
  s.Bind(static_cast<int>(p.ownership)).Bind(p.nonce).Bind(Nanoseconds(p.claimed_at)).Bind(p.owner_put_state);
  s.Bind(p.revision).Bind(p.committed_plan).Bind(Nanoseconds(p.committed_at)).Bind(TextOf(p.settled));
  s.Bind(p.stored_files).Bind(p.stored_bytes).Bind(p.skipped).Bind(p.plan).Bind(static_cast<int>(p.stage));
  s.Bind(TextOf(p.planned)).Bind(p.traceparent).Bind(Nanoseconds(p.sealed_at));
  if (p.manifest_sha256)
    s.BindBlob(p.manifest_sha256->bytes);
  else
    s.BindNull();
  s.Bind(p.manifest_put_state).Bind(Nanoseconds(p.retry_at)).Bind(p.attempts).Bind(Nanoseconds(p.recheck_at));
  s.Bind(p.problem).Bind(Nanoseconds(p.cleaned_at));
}

void Bind(sqlite::Statement& s, int64_t session, const FileRecord& f) {
  s.Bind(session).BindBlob(AsBytes(f.path)).Bind(f.plan).Bind(f.changed_plan).Bind(f.in_plan);
  s.Bind(static_cast<int>(f.state));
  BindStat(s, f.stat);
  BindStat(s, f.stored);
  s.Bind(f.since_revision).Bind(f.rewrite);
  BindDigest(s, f.sha256);
  s.Bind(static_cast<int>(f.storage_class)).Bind(f.checksum).Bind(f.put_state).Bind(f.skip_kind).Bind(f.problem);
  s.Bind(f.cleaned ? 1 : 0);
}

void Bind(sqlite::Statement& s, const SourceState& state) {
  s.Bind(state.source).Bind(Nanoseconds(state.scanned_at));
  s.Bind(state.next_scan_at ? std::optional(Nanoseconds(*state.next_scan_at)) : std::nullopt);
  s.Bind(state.entries).Bind(state.loose).Bind(state.refused).Bind(state.problem);
}

std::string_view FilterClause(SessionFilter filter) {
  switch (filter) {
    case SessionFilter::kAll:
      return "1";
    case SessionFilter::kWaiting:
      return "complete=0 AND gone=0";
    case SessionFilter::kUpload:
      // The first part in the words of the partial index.
      return "(stage=2 OR (complete=1 AND gone=0 AND (recheck_at<>0 OR fingerprint<>settled))) AND "
             "max(retry_at, CASE WHEN stage=2 OR fingerprint<>settled THEN 0 ELSE recheck_at END)<=?";
    case SessionFilter::kCleanup:
      return "complete=1 AND gone=0 AND fingerprint=settled AND stage=0 AND revision>0 AND skipped=0 AND "
             "cleaned_at=0 AND committed_at<=?";
  }
  return "0";
}

}  // namespace seshat::journal_rows
