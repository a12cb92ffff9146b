#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/sqlite_metadata_store/index_database.h"
#include "adapters/sqlite_metadata_store/index_writer.h"
#include "adapters/sqlite_metadata_store/page_maker.h"
#include "adapters/sqlite_metadata_store/query_runner.h"

namespace seshat {
namespace {

using sqlite::Database;
using namespace sqlite_index;  // NOLINT(google-build-using-namespace): this file is its only user

// Connections that only read, opened as threads need them and kept.
class ReaderPool {
 public:
  explicit ReaderPool(std::filesystem::path path) : path_(std::move(path)) {}

  // Runs `body` on one snapshot of the index.
  template <typename Body>
  auto Read(const Body& body) -> decltype(body(std::declval<Database&>())) {
    SESHAT_ASSIGN(auto db, Take());
    SESHAT_TRY(db->Execute("BEGIN"));
    auto result = body(*db);
    // A connection that cannot end its transaction is not used again.
    if (db->Execute("COMMIT")) GiveBack(std::move(db));
    return result;
  }

 private:
  Result<std::unique_ptr<Database>> Take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto db = std::move(idle_.back());
        idle_.pop_back();
        return db;
      }
    }
    return OpenIndex(path_, Access::kRead);
  }
  void GiveBack(std::unique_ptr<Database> db) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(db));
  }

  std::filesystem::path path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

Result<SessionDocument> ReadDocument(Database& db, std::string_view session_id) {
  SESHAT_ASSIGN(auto read, db.Prepare("SELECT document FROM session WHERE session_id = ?"));
  SESHAT_ASSIGN(const bool there, read.Bind(session_id).Step());
  if (!there)
    return Fail(ErrorCode::kNotFound, fmt::format("no session '{}' in the metadata store", session_id));
  return DecodeSessionDocument(read.Text(0));
}

// The spelling of each key that most sessions use, by its folded form.
Result<std::map<std::string, std::string>> ReadSpellings(Database& db) {
  SESHAT_ASSIGN(auto read, db.Prepare("SELECT t.raw, count(*) FROM field f JOIN term t ON t.field_id = f.id "
                                      "JOIN value v ON v.term_id = t.id WHERE f.kind = ? GROUP BY t.id"));
  read.Bind(kKeyNameField);
  std::map<std::string, std::pair<int64_t, std::string>> best;
  while (true) {
    SESHAT_ASSIGN(const bool row, read.Step());
    if (!row) break;
    auto& [count, name] = best[FoldField(read.Text(0))];
    if (read.Int(1) > count || (read.Int(1) == count && read.Text(0) < name)) {
      count = read.Int(1);
      name = read.Text(0);
    }
  }
  std::map<std::string, std::string> names;
  for (auto& [folded, spelling] : best) names.emplace(folded, std::move(spelling.second));
  return names;
}

Result<std::vector<FieldInfo>> ReadFields(Database& db) {
  SESHAT_ASSIGN(auto names, ReadSpellings(db));
  SESHAT_ASSIGN(auto read,
                db.Prepare("SELECT f.folded, count(DISTINCT v.sid), max(v.kind & ?), max(v.kind & ?), "
                           "max(v.kind & ?) FROM field f JOIN value v ON v.field_id = f.id "
                           "WHERE f.kind = ? GROUP BY f.id"));
  read.Bind(kHasNumber).Bind(kHasDate).Bind(kHasText).Bind(kMetadataField);
  std::vector<FieldInfo> fields;
  while (true) {
    SESHAT_ASSIGN(const bool row, read.Step());
    if (!row) break;
    FieldInfo info;
    info.name = std::move(names[std::string(read.Text(0))]);
    info.sessions = static_cast<uint64_t>(read.Int(1));
    info.has_numbers = read.Int(2) != 0;
    info.has_dates = read.Int(3) != 0;
    info.has_text = read.Int(4) != 0;
    fields.push_back(std::move(info));
  }
  std::ranges::sort(fields, {}, &FieldInfo::name);
  return fields;
}

class SqliteMetadataStore : public MetadataStore {
 public:
  SqliteMetadataStore(std::filesystem::path path, std::unique_ptr<Database> db)
      : path_(std::move(path)), readers_(path_), write_db_(std::move(db)), writer_(*write_db_) {}

  const Capabilities& capabilities() const override { return capabilities_; }

  Status Upsert(std::span<const SessionDocument> documents) override {
    const std::lock_guard lock(writing_);
    return Explained(writer_.Upsert(documents));
  }

  Result<SessionDocument> Get(std::string_view session_id) override {
    return Explained(readers_.Read([&](Database& db) { return ReadDocument(db, session_id); }));
  }

  Result<SearchPage> Search(const SearchRequest& request) override {
    SESHAT_TRY(CheckRequest(request, capabilities_));
    SESHAT_ASSIGN(const auto after, DecodeCursor(request));
    return Explained(readers_.Read([&](Database& db) -> Result<SearchPage> {
      SESHAT_ASSIGN(const auto found, QueryRunner(db).Run(request.query));
      return PageMaker(db, found).Make(request, after);
    }));
  }

  Result<std::vector<FieldInfo>> Fields() override { return Explained(readers_.Read(ReadFields)); }

  Result<std::string> BeginRebuild() override {
    const std::lock_guard lock(writing_);
    return Explained(writer_.BeginRebuild());
  }

  Status FinishRebuild(std::string_view token) override {
    const std::lock_guard lock(writing_);
    return Explained(writer_.FinishRebuild(token));
  }

 private:
  template <typename T>
  Result<T> Explained(Result<T> result) const {
    if (!result) return std::unexpected(Explain(std::move(result).error(), path_));
    return result;
  }

  Capabilities capabilities_{.wildcard = true, .fuzzy = true, .regex = true, .facets = true};
  std::filesystem::path path_;
  ReaderPool readers_;
  std::mutex writing_;
  std::unique_ptr<Database> write_db_;
  IndexWriter writer_;
};

}  // namespace

Result<std::unique_ptr<MetadataStore>> MakeSqliteMetadataStore(const SqliteMetadataStoreOptions& options) {
  if (options.recreate) SESHAT_TRY(RemoveIndex(options.path));
  auto db = OpenIndex(options.path, Access::kWrite);
  if (!db) return std::unexpected(Explain(std::move(db).error(), options.path));
  return std::make_unique<SqliteMetadataStore>(options.path, std::move(*db));
}

}  // namespace seshat
