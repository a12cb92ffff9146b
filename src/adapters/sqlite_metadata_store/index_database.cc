#include "adapters/sqlite_metadata_store/index_database.h"

#include <fmt/format.h>

#include <array>
#include <system_error>
#include <utility>

#include "core/bytes.h"
#include "core/sha256.h"

namespace seshat::sqlite_index {
namespace {

using sqlite::Database;

// "SShi" in ASCII: tells this file from other SQLite files.
constexpr int64_t kApplicationId = 0x53536869;

// A change to the tables, to FieldValues, to Words, or to FoldCase needs a new step that empties the tables
// (and a note to run `seshat reindex`), because old rows would no longer be found.
constexpr auto kSteps = std::to_array<std::string_view>({R"sql(
  PRAGMA application_id = 1397975145;
  CREATE TABLE session(
    sid INTEGER PRIMARY KEY, session_id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    started_at INTEGER NOT NULL, generation INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
  CREATE INDEX session_newest ON session(started_at DESC, session_id, sid);
  CREATE TABLE field(
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, folded TEXT NOT NULL, full_text INTEGER NOT NULL,
    UNIQUE(folded, kind)) STRICT;
  CREATE TABLE term(
    id INTEGER PRIMARY KEY, field_id INTEGER NOT NULL, raw TEXT NOT NULL, raw_key BLOB NOT NULL,
    fold_key BLOB NOT NULL, UNIQUE(field_id, raw_key)) STRICT;
  CREATE INDEX term_folded ON term(field_id, fold_key);
  CREATE TABLE value(
    sid INTEGER NOT NULL, field_id INTEGER NOT NULL, term_id INTEGER NOT NULL, kind INTEGER NOT NULL,
    PRIMARY KEY(sid, field_id, term_id)) STRICT, WITHOUT ROWID;
  CREATE INDEX value_term ON value(term_id, sid);
  CREATE INDEX value_field ON value(field_id, sid, term_id, kind);
  CREATE TABLE number(
    id INTEGER PRIMARY KEY, sid INTEGER NOT NULL, field_id INTEGER NOT NULL, number REAL NOT NULL,
    whole INTEGER, unit TEXT NOT NULL) STRICT;
  CREATE INDEX number_value ON number(field_id, number, sid, whole, unit);
  CREATE INDEX number_session ON number(sid);
  CREATE TABLE date(
    id INTEGER PRIMARY KEY, sid INTEGER NOT NULL, field_id INTEGER NOT NULL, time INTEGER NOT NULL) STRICT;
  CREATE INDEX date_value ON date(field_id, time, sid);
  CREATE INDEX date_session ON date(sid);
  CREATE TABLE rebuild(one INTEGER PRIMARY KEY CHECK(one = 1), generation INTEGER NOT NULL, token TEXT NOT NULL) STRICT;
  INSERT INTO rebuild VALUES(1, 0, '');
  -- The words come folded and divided by blanks; this tokenizer takes just that apart.
  CREATE VIRTUAL TABLE term_words USING fts5(words, content='', columnsize=0, tokenize='ascii');
  CREATE VIRTUAL TABLE word USING fts5vocab(term_words, 'row');
)sql"});

constexpr int kCacheKib = 32 * 1024;

Result<int64_t> Number(Database& db, std::string_view sql) {
  SESHAT_ASSIGN(auto statement, db.Prepare(sql));
  SESHAT_TRY(statement.Step());
  return statement.Int(0);
}

Status CheckItIsOurs(Database& db) {
  SESHAT_ASSIGN(const int64_t id, Number(db, "PRAGMA application_id"));
  SESHAT_ASSIGN(const int64_t tables, Number(db, "SELECT count(*) FROM sqlite_schema"));
  if (id == kApplicationId || tables == 0) return {};
  return Fail(ErrorCode::kDataLoss, "the database is no search index of seshat");
}

}  // namespace

Result<std::unique_ptr<Database>> OpenIndex(const std::filesystem::path& path, Access access) {
  sqlite::OpenOptions options;
  options.cache_kib = kCacheKib;
  SESHAT_ASSIGN(auto db, Database::Open(path, options));
  // The writing connection has looked already, and Migrate would wait for a writer.
  if (access == Access::kRead) {
    SESHAT_TRY(db->Execute("PRAGMA query_only = ON"));
    return db;
  }
  // Both looks in one transaction, or another process could make the schema in between.
  SESHAT_TRY(db->Execute("BEGIN"));
  SESHAT_TRY(CheckItIsOurs(*db));
  SESHAT_TRY(db->Execute("COMMIT"));
  SESHAT_TRY(db->Migrate(kSteps));
  return db;
}

Status RemoveIndex(const std::filesystem::path& path) {
  for (const char* suffix : {"-wal", "-shm", ""}) {
    auto file = path;
    file += suffix;
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error)
      return Fail(ErrorCode::kPermissionDenied,
                  fmt::format("removing {}: {}", file.string(), error.message()));
  }
  return {};
}

Error Explain(Error error, const std::filesystem::path& path) {
  if (error.code != ErrorCode::kDataLoss && error.code != ErrorCode::kUnsupported) return error;
  error.message = fmt::format(
      "the search index {}: {}. Nothing is lost: stop seshat, delete the file and run `seshat reindex`",
      path.string(), error.message);
  return error;
}

std::string TextKey(std::string_view text) {
  constexpr size_t kBytes = 16;
  const auto digest = Sha256::Of(AsBytes(text));
  return std::string(AsText(ByteSpan(digest.bytes).first(kBytes)));
}

}  // namespace seshat::sqlite_index
