#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/sqlite_metadata_store/index_database.h"
#include "adapters/sqlite_metadata_store/index_writer.h"
#include "adapters/sqlite_metadata_store/page_maker.h"
#include "adapters/sqlite_metadata_store/query_runner.h"
#include "core/query_parser.h"
#include "ports/field_collector.h"

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

Result<std::vector<FieldInfo>> ReadFields(Database& db, const FieldsOptions& options) {
  SESHAT_ASSIGN(auto read, db.Prepare("SELECT document FROM session"));
  FieldCollector collector(options);
  while (true) {
    SESHAT_ASSIGN(const bool row, read.Step());
    if (!row) break;
    SESHAT_ASSIGN(const auto document, DecodeSessionDocument(read.Text(0)));
    collector.Add(document);
  }
  return std::move(collector).Fields();
}

Result<IndexStatus> ReadStatus(Database& db, const std::filesystem::path& path) {
  IndexStatus status;
  status.location = path.string();
  SESHAT_ASSIGN(auto read,
                db.Prepare("SELECT (SELECT count(*) FROM session), (SELECT token <> '' FROM rebuild), "
                           "page_count * page_size FROM pragma_page_count, pragma_page_size"));
  SESHAT_TRY(read.Step());
  status.documents = static_cast<uint64_t>(read.Int(0));
  status.rebuilding = read.Int(1) != 0;
  status.bytes = static_cast<uint64_t>(read.Int(2));
  return status;
}

// How the stages of one search went.
class StageTimer {
 public:
  explicit StageTimer(SearchExplanation& explanation) : explanation_(explanation) {}
  void Note(std::string name) {
    const auto now = std::chrono::steady_clock::now();
    explanation_.stages.push_back({std::move(name), now - std::exchange(last_, now)});
  }

 private:
  SearchExplanation& explanation_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

Result<SearchPage> RunSearch(Database& db, const SearchRequest& request,
                             const std::optional<SortKey>& after) {
  SESHAT_ASSIGN(const auto aliases, FieldAliases::Make(request.aliases));
  SearchExplanation explanation{.engine = "sqlite", .request = PrintQuery(request.query), .stages = {}};
  StageTimer timer(explanation);
  SESHAT_ASSIGN(const auto found, QueryRunner(db, aliases).Run(request.query));
  timer.Note("match");
  SESHAT_ASSIGN(auto page, PageMaker(db, found, aliases).Make(request, after));
  timer.Note("page");
  if (request.explain) page.explanation = std::move(explanation);
  return page;
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
    return Explained(readers_.Read([&](Database& db) { return RunSearch(db, request, after); }));
  }

  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override {
    return Explained(readers_.Read([&](Database& db) { return ReadFields(db, options); }));
  }

  Result<IndexStatus> GetStatus() override {
    return Explained(readers_.Read([&](Database& db) { return ReadStatus(db, path_); }));
  }

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

  Capabilities capabilities_{
      .wildcard = true, .fuzzy = true, .regex = true, .facets = true, .histograms = true};
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
