#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/query/query_parser.h"
#include "platform/sqlite/database.h"
#include "ports/reference/reference_metadata_store.h"
#include "support/search_maker.h"
#include "support/temp_dir.h"

namespace seshat::sqlite_metadata_store {
namespace {

using testing::SearchMaker;
using testing::TempDir;

std::string Found(MetadataStore& store, const std::string& query = "") {
  SearchRequest request;
  request.query = query::ParseQuery(query).value();
  request.limit = 10'000;
  const auto page = store.Search(request);
  if (!page) return page.error().ToString();
  std::string ids;
  for (const auto& hit : page->hits) ids += fmt::format("{}v{} ", hit.document.session_id, hit.document.version >> 32);
  return ids;
}

SessionDocument Document(const std::string& id, const std::string& rig = "a") {
  SessionDocument d;
  d.session_id = id;
  d.version = uint64_t{1} << 32;
  d.metadata = {{"rig", metadata::TypeValue(rig)}};
  return d;
}

Status Put(MetadataStore& store, const SessionDocument& document) { return store.Upsert(std::span(&document, 1)); }

// Writers in several processes: every document is there afterwards, once.
TEST(SqliteMetadataStoreTest, SeveralProcessesShareOneFile) {
  const TempDir dir;
  constexpr int kProcesses = 4;
  constexpr int kDocuments = 15;
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = MakeSqliteMetadataStore({dir / "metadata.db"});
      bool good = store.has_value();
      // Half of the sessions are everybody's.
      for (int i = 0; good && i < kDocuments; ++i)
        good = Put(**store, Document(i % 2 == 0 ? fmt::format("s{}", i) : fmt::format("p{}-{}", p, i))) &&
               (*store)->Search({}).has_value();
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  const auto page = store->Search({}).value();
  EXPECT_EQ(page.total, 8U + kProcesses * 7U);
  SearchRequest request;
  request.facets = {"rig"};
  EXPECT_EQ(store->Search(request)->facets[0].values.at(0).count, page.total);
}

// What a process that only reads sees while another one writes: whole upserts, never fewer than before.
bool ReadsWholeUpserts(const std::filesystem::path& path, uint64_t together, uint64_t all) {
  const auto store = MakeSqliteMetadataStore({path});
  SearchRequest request;
  request.facets = {"rig"};
  uint64_t seen = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (store && seen < all) {
    if (std::chrono::steady_clock::now() > deadline) return false;  // nobody writes any more
    const auto page = (*store)->Search(request);
    if (!page || page->total < seen || page->total % together != 0) return false;
    const auto& values = page->facets[0].values;
    if (page->total > 0 && (values.size() != 1 || values[0].count != page->total)) return false;
    seen = page->total;
  }
  return store.has_value();
}

TEST(SqliteMetadataStoreTest, ProcessesReadWhileOneWrites) {
  const TempDir dir;
  constexpr int kReaders = 3;
  constexpr int kUpserts = 40;
  constexpr int kTogether = 6;
  std::vector<pid_t> readers;
  for (int r = 0; r < kReaders; ++r) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(ReadsWholeUpserts(dir / "metadata.db", kTogether, uint64_t{kUpserts} * kTogether) ? 0 : 1);
    readers.push_back(child);
  }
  {
    const auto writer = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
    for (int i = 0; i < kUpserts; ++i) {
      std::vector<SessionDocument> documents;
      for (int n = 0; n < kTogether; ++n) documents.push_back(Document(fmt::format("s{}-{}", i, n)));
      EXPECT_TRUE(writer->Upsert(documents));
    }
  }
  for (const pid_t reader : readers) {
    int status = 0;
    ASSERT_EQ(::waitpid(reader, &status, 0), reader);
    EXPECT_EQ(status, 0);
  }
}

TEST(SqliteMetadataStoreTest, AnotherProcessSeesWhatIsWritten) {
  const TempDir dir;
  const auto writer = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  const auto reader = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  EXPECT_EQ(Found(*reader), "");
  ASSERT_TRUE(Put(*writer, Document("s1")));
  EXPECT_EQ(Found(*reader, "rig:a"), "s1v1 ");
}

// Each message must say what to do; and that must help.
void ExpectHealedByRecreating(const std::filesystem::path& path) {
  const auto broken = MakeSqliteMetadataStore({path});
  ASSERT_FALSE(broken.has_value());
  EXPECT_NE(broken.error().message.find("seshat reindex"), std::string::npos) << broken.error().message;
  EXPECT_NE(broken.error().message.find(path.string()), std::string::npos);
  const auto healed = MakeSqliteMetadataStore({.path = path, .recreate = true});
  ASSERT_TRUE(healed.has_value()) << healed.error().ToString();
  ASSERT_TRUE(Put(**healed, Document("s1")));
  EXPECT_EQ(Found(**healed), "s1v1 ");
}

TEST(SqliteMetadataStoreTest, AFileThatIsNoDatabase) {
  const TempDir dir;
  testing::WriteFile(dir / "metadata.db", std::string(100'000, 'x'));
  ExpectHealedByRecreating(dir / "metadata.db");
}

TEST(SqliteMetadataStoreTest, ADatabaseOfANewerVersion) {
  const TempDir dir;
  {
    ASSERT_TRUE(MakeSqliteMetadataStore({dir / "metadata.db"}).has_value());
  }
  {
    ASSERT_TRUE(sqlite::Database::Open(dir / "metadata.db", {}).value()->Execute("PRAGMA user_version = 99"));
  }
  ExpectHealedByRecreating(dir / "metadata.db");
}

TEST(SqliteMetadataStoreTest, ADatabaseOfSomebodyElse) {
  const TempDir dir;
  {
    ASSERT_TRUE(sqlite::Database::Open(dir / "metadata.db", {}).value()->Execute("CREATE TABLE message(id)"));
  }
  ExpectHealedByRecreating(dir / "metadata.db");
}

// Random garbage over the middle of the file: right answers or a clear error, never a crash.
RC_GTEST_PROP(SqliteMetadataStoreTest, DamageIsAnError, ()) {
  const TempDir dir;
  {
    const auto store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
    std::vector<SessionDocument> documents;
    for (int i = 0; i < 200; ++i) documents.push_back(Document(fmt::format("s{}", i), fmt::format("rig {}", i)));
    RC_ASSERT(store->Upsert(documents).has_value());
  }
  auto bytes = testing::ReadFile(dir / "metadata.db");
  const auto at = *rc::gen::inRange<size_t>(100, bytes.size());
  const auto length = std::min(*rc::gen::inRange<size_t>(1, 20'000), bytes.size() - at);
  const auto fill = *rc::gen::element('\0', '\xFF', 'x');
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, fill);
  testing::WriteFile(dir / "metadata.db", bytes);
  const auto store = MakeSqliteMetadataStore({dir / "metadata.db"});
  if (!store) return;
  SearchRequest request;
  request.facets = {"rig"};
  for (const char* query : {"", "rig", "rig:\"rig 7\"", "rig*", "not rig:x", "started_at < 2020-01-01"}) {
    request.query = query::ParseQuery(query).value();
    const auto page = (*store)->Search(request);
    if (!page) RC_ASSERT(!page.error().message.empty());
  }
  // What a write answers is all the same, if it answers.
  if (const auto status = Put(**store, Document("s7", "new")); !status) RC_ASSERT(!status.error().message.empty());
}

// Operations in random order, restarts among them, leave what they leave in the model.
RC_GTEST_PROP(SqliteMetadataStoreTest, OperationsLeaveWhatTheyLeaveInTheModel, (uint64_t seed)) {
  SearchMaker maker(seed);
  const TempDir dir;
  auto store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  const auto model = reference::MakeReferenceMetadataStore();
  std::map<std::string, SessionDocument> by_version;  // equal versions are equal documents
  std::string token;
  std::string model_token;
  for (int i = 0; i < 20; ++i) {
    switch (maker.Below(6)) {
      case 0:
        token = store->BeginRebuild().value();
        model_token = model->BeginRebuild().value();
        break;
      case 1:
        RC_ASSERT(store->FinishRebuild(token).has_value() == model->FinishRebuild(model_token).has_value());
        break;
      case 2:
        store.reset();
        store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
        break;
      default: {
        std::vector<SessionDocument> documents;
        for (size_t n = maker.Below(4); n > 0; --n) {
          const auto id = fmt::format("s{}", maker.Below(5));
          const auto revision = static_cast<uint32_t>(1 + maker.Below(4));
          auto document = maker.AnyDocument(id, revision);
          documents.push_back(by_version.try_emplace(fmt::format("{} {}", id, revision), document).first->second);
        }
        RC_ASSERT(store->Upsert(documents).has_value());
        RC_ASSERT(model->Upsert(documents).has_value());
      }
    }
    RC_ASSERT(Found(*store) == Found(*model));
  }
  for (const auto& [id, document] : by_version) {
    const auto got = store->Get(document.session_id);
    const auto expected = model->Get(document.session_id);
    RC_ASSERT(got.has_value() == expected.has_value());
    if (got) RC_ASSERT(*got == *expected);
  }
  for (const char* query : {"rig:*", "temp > 3", "battery", "not zurich", "path:*"})
    RC_ASSERT(Found(*store, query) == Found(*model, query));
}

}  // namespace
}  // namespace seshat::sqlite_metadata_store
