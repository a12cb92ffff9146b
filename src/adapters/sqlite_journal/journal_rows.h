// Rows of the journal's tables as the port's records, and back. Private to this adapter.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/sqlite/database.h"
#include "ports/migration_journal.h"

namespace seshat::journal_rows {

// Schema steps for Database::Migrate.
extern const std::string_view kSchema[1];

// "source, id, <observation>, <progress>": what ReadSession expects.
std::string SessionColumns();
inline constexpr std::string_view kObservationColumns =
    "fingerprint, changed_at, files, bytes, complete, gone, waiting_for, until, trace";
inline constexpr std::string_view kFileColumns =
    "path, plan, changed_plan, in_plan, state, size, modified_ns, changed_ns, inode, mode, stored_size, "
    "stored_modified_ns, stored_changed_ns, stored_inode, stored_mode, since_revision, rewrite, sha256, storage_class, "
    "checksum, put_state, skip_kind, problem, cleaned";

// `column`: the first of the record's columns.
Result<Observation> ReadObservation(const sqlite::Statement& row, int column);
Result<SessionRecord> ReadSession(const sqlite::Statement& row);
Result<FileRecord> ReadFile(const sqlite::Statement& row);
SourceState ReadSource(const sqlite::Statement& row);

std::string UpsertObservation();
std::string UpsertProgress();
std::string UpsertFile();
inline constexpr std::string_view kUpsertSource =
    "INSERT OR REPLACE INTO source(name, scanned_at, next_scan_at, entries, loose, refused, problem) "
    "VALUES(?,?,?,?,?,?,?)";

void Bind(sqlite::Statement& statement, const SessionRef& session, const Observation& observation);
void Bind(sqlite::Statement& statement, const SessionRef& session, const Progress& progress);
void Bind(sqlite::Statement& statement, int64_t session, const FileRecord& file);
void Bind(sqlite::Statement& statement, const SourceState& source);

// The WHERE clause (after "WHERE ") of a filter, without parameters but kUpload's and kCleanup's `due` ("?", twice).
std::string_view FilterClause(SessionFilter filter);

int64_t Nanoseconds(Timestamp time);
Timestamp TimeOf(int64_t nanoseconds);

}  // namespace seshat::journal_rows
