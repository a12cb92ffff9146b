#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/sqlite_metadata_store/document_codec.h"
#include "adapters/sqlite_metadata_store/field_list.h"
#include "adapters/sqlite_metadata_store/index_database.h"
#include "adapters/sqlite_metadata_store/index_view.h"
#include "adapters/sqlite_metadata_store/index_writer.h"
#include "adapters/sqlite_metadata_store/searcher.h"
#include "adapters/sqlite_metadata_store/segment_files.h"
#include "core/base/bytes.h"

namespace seshat::sqlite_metadata_store {
namespace {

using sqlite::Database;
using namespace sqlite_metadata_store;  // NOLINT(google-build-using-namespace): this file is its only user

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
  if (!there) return Fail(ErrorCode::kNotFound, fmt::format("no session '{}' in the metadata store", session_id));
  return UnpackDocument(AsText(read.Blob(0)));
}

Result<IndexStatus> ReadStatus(Database& db, const std::filesystem::path& path) {
  IndexStatus status;
  status.location = path.string();
  SESHAT_ASSIGN(auto read, db.Prepare("SELECT (SELECT coalesce(sum(docs - dead_docs), 0) FROM segment), "
                                      "(SELECT token <> '' FROM rebuild), page_count * page_size + "
                                      "(SELECT coalesce(sum(bytes), 0) FROM segment WHERE in_file), "
                                      "(SELECT count(*) FROM segment) FROM pragma_page_count, pragma_page_size"));
  SESHAT_TRY(read.Step());
  status.documents = static_cast<uint64_t>(read.Int(0));
  status.rebuilding = read.Int(1) != 0;
  status.bytes = static_cast<uint64_t>(read.Int(2));
  status.details.emplace_back("segments", std::to_string(read.Int(3)));
  return status;
}

class SqliteMetadataStore : public MetadataStore {
 public:
  SqliteMetadataStore(const SqliteMetadataStoreOptions& options, std::unique_ptr<Database> db)
      : path_(options.path),
        files_(path_),
        cache_(files_),
        readers_(path_),
        write_db_(std::move(db)),
        writer_(*write_db_, files_, options.inline_bytes),
        bounds_{.most_ranked = std::max<size_t>(options.most_ranked, 1), .release_memory = options.release_memory} {}

  Status BringUpToDate() { return Explained(writer_.BringUpToDate()); }

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
    return Explained(View<SearchPage>(
        [&](Database& db, const IndexView& view) { return RunSearch(db, view, request, after, bounds_); }));
  }

  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override {
    return Explained(View<std::vector<FieldInfo>>(
        [&](Database&, const IndexView& view) -> Result<std::vector<FieldInfo>> { return ListFields(view, options); }));
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
  // Runs `body` on one snapshot and the segments that it lists. Where a merge has taken a file of them away in
  // between, a newer snapshot no longer needs it.
  template <typename T, typename Body>
  Result<T> View(const Body& body) {
    constexpr int kAttempts = 10;
    for (int attempt = 1;; ++attempt) {
      bool again = false;
      auto result = readers_.Read([&](Database& db) -> Result<T> {
        auto view = cache_.Load(db);
        again = !view && view.error().code == ErrorCode::kNotFound;
        if (!view) return std::unexpected(std::move(view).error());
        return body(db, *view);
      });
      if (!again) return result;
      if (attempt < kAttempts) continue;
      result.error().code = ErrorCode::kDataLoss;
      return result;
    }
  }

  template <typename T>
  Result<T> Explained(Result<T> result) const {
    if (!result) return std::unexpected(Explain(std::move(result).error(), path_));
    return result;
  }

  Capabilities capabilities_{
      .relevance = true, .wildcard = true, .fuzzy = true, .regex = true, .facets = true, .histograms = true};
  std::filesystem::path path_;
  SegmentFiles files_;
  SegmentCache cache_;
  ReaderPool readers_;
  std::mutex writing_;
  std::unique_ptr<Database> write_db_;
  IndexWriter writer_;
  SearchBounds bounds_;
};

}  // namespace

Result<std::unique_ptr<MetadataStore>> MakeSqliteMetadataStore(const SqliteMetadataStoreOptions& options) {
  if (options.recreate) SESHAT_TRY(RemoveIndex(options.path));
  auto db = OpenIndex(options.path, Access::kWrite);
  if (!db) return std::unexpected(Explain(std::move(db).error(), options.path));
  auto store = std::make_unique<SqliteMetadataStore>(options, std::move(*db));
  SESHAT_TRY(store->BringUpToDate());
  return store;
}

}  // namespace seshat::sqlite_metadata_store
