#include "adapters/sqlite_metadata_store/index_database.h"

#include <fmt/format.h>

#include <array>
#include <system_error>
#include <utility>

#include "adapters/sqlite_metadata_store/segment_files.h"

namespace seshat::sqlite_metadata_store {
namespace {

using sqlite::Database;

// "SShi" in ASCII: tells this file from other SQLite files.
constexpr int64_t kApplicationId = 0x53536869;

// The first version kept everything in rows. Its files are refused, and a step that makes nothing takes its number.
constexpr std::string_view kTableOfVersion1 = "term";

// A change to the tables needs a step that brings older ones along, or a version that refuses them with a note to run
// `seshat reindex`. What lies in the segments has its own number in `format`: IndexWriter::BringUpToDate makes segments
// of another number anew. Before there was this table the number was 2.
constexpr auto kSteps = std::to_array<std::string_view>({"SELECT 1", R"sql(
  PRAGMA application_id = 1397975145;
  CREATE TABLE session(
    sid INTEGER PRIMARY KEY, session_id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    generation INTEGER NOT NULL, document BLOB NOT NULL) STRICT;
  -- Numbers are never given twice: a file has the number in its name, and readers keep segments by it.
  CREATE TABLE segment(
    id INTEGER PRIMARY KEY AUTOINCREMENT, docs INTEGER NOT NULL, bytes INTEGER NOT NULL,
    dead_docs INTEGER NOT NULL, in_file INTEGER NOT NULL, dead BLOB) STRICT;
  CREATE TABLE segment_content(id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
  CREATE TABLE rebuild(one INTEGER PRIMARY KEY CHECK(one = 1), generation INTEGER NOT NULL, token TEXT NOT NULL) STRICT;
  INSERT INTO rebuild VALUES(1, 0, '');
)sql",
                                                         R"sql(
  CREATE TABLE format(one INTEGER PRIMARY KEY CHECK(one = 1), segments INTEGER NOT NULL) STRICT;
  INSERT INTO format VALUES(1, 2);
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
  SESHAT_ASSIGN(const int64_t old,
                Number(db, fmt::format("SELECT count(*) FROM sqlite_schema WHERE name = '{}'", kTableOfVersion1)));
  if (id == kApplicationId && old != 0)
    return Fail(ErrorCode::kUnsupported, "it was made by an older version of seshat");
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
      return Fail(ErrorCode::kPermissionDenied, fmt::format("removing {}: {}", file.string(), error.message()));
  }
  return SegmentFiles(path).RemoveAll();
}

Error Explain(Error error, const std::filesystem::path& path) {
  if (error.code != ErrorCode::kDataLoss && error.code != ErrorCode::kUnsupported) return error;
  error.message =
      fmt::format("the search index {}: {}. Nothing is lost: stop seshat, delete the file and run `seshat reindex`",
                  path.string(), error.message);
  return error;
}

}  // namespace seshat::sqlite_metadata_store
