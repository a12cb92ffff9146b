// What the SQLite store does with its segments: merging, files, what crashes leave behind; and its own scores.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/sqlite_metadata_store/document_codec.h"
#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "core/query/query_parser.h"
#include "platform/sqlite/database.h"
#include "support/search_maker.h"
#include "support/temp_dir.h"

namespace seshat::sqlite_metadata_store {
namespace {

using testing::SearchMaker;
using testing::TempDir;

SessionDocument Document(int number, uint64_t version = 1, const std::string& notes = "motor") {
  SessionDocument d;
  d.session_id = fmt::format("s{}", number);
  d.version = version;
  d.started_at = Timestamp{std::chrono::seconds{number}};
  d.metadata = {{"n", metadata::TypeValue(std::to_string(number))}, {"notes", metadata::TypeValue(notes)}};
  return d;
}

Status Put(MetadataStore& store, const SessionDocument& document) { return store.Upsert(std::span(&document, 1)); }

SearchRequest Request(const std::string& query, size_t limit = 50) {
  SearchRequest request;
  request.query = query::ParseQuery(query).value();
  request.limit = limit;
  return request;
}

uint64_t Total(MetadataStore& store, const std::string& query) { return store.Search(Request(query)).value().total; }

std::string Ids(const SearchPage& page) {
  std::string ids;
  for (const auto& hit : page.hits) ids += (ids.empty() ? "" : " ") + hit.document.session_id;
  return ids;
}

size_t Segments(MetadataStore& store) {
  const auto status = store.GetStatus().value();
  const auto found = std::ranges::find(status.details, "segments", &std::pair<std::string, std::string>::first);
  return found == status.details.end() ? 0 : std::stoul(found->second);
}

size_t FilesBeside(const std::filesystem::path& database) {
  auto directory = database;
  directory += "-segments";
  if (!std::filesystem::exists(directory)) return 0;
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

TEST(SqliteSegmentsTest, ManySmallUpsertsStayFewSegments) {
  const TempDir dir;
  const auto store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  for (int i = 0; i < 130; ++i) {
    ASSERT_TRUE(Put(*store, Document(i)));
    EXPECT_LE(Segments(*store), 16U);
  }
  EXPECT_EQ(Total(*store, "motor"), 130U);
  EXPECT_EQ(Total(*store, "n >= 100"), 30U);
  EXPECT_EQ(Ids(store->Search(Request("", 3)).value()), "s129 s128 s127");
}

TEST(SqliteSegmentsTest, SessionsThatChangeAgainAndAgainLeaveNothingBehind) {
  const TempDir dir;
  const auto store = MakeSqliteMetadataStore({.path = dir / "metadata.db", .inline_bytes = 0}).value();
  for (uint64_t version = 1; version <= 60; ++version)
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(Put(*store, Document(i, version, fmt::format("round{}", version))));
  EXPECT_EQ(store->GetStatus()->documents, 3U);
  EXPECT_EQ(Total(*store, "round60"), 3U);
  EXPECT_EQ(Total(*store, "round*"), 3U);
  EXPECT_EQ(Total(*store, "round59"), 0U);
  EXPECT_LE(Segments(*store), 8U);
  EXPECT_EQ(FilesBeside(dir / "metadata.db"), Segments(*store));
}

TEST(SqliteSegmentsTest, AReaderOutlivesTheFilesThatItReads) {
  const TempDir dir;
  const SqliteMetadataStoreOptions options{.path = dir / "metadata.db", .inline_bytes = 0};
  const auto writer = MakeSqliteMetadataStore(options).value();
  ASSERT_TRUE(Put(*writer, Document(0)));
  std::atomic<bool> failed = false;
  std::atomic<bool> done = false;
  {
    const std::jthread reading([&] {
      uint64_t last = 0;
      while (!done && !failed) {
        // A new store each time: it has no file open yet.
        const auto reader = MakeSqliteMetadataStore(options);
        const auto page = reader ? (*reader)->Search(Request("motor")) : std::unexpected(reader.error());
        if (!page || page->total < last) failed = true;
        if (page) last = page->total;
      }
    });
    for (int i = 1; i < 60; ++i) ASSERT_TRUE(Put(*writer, Document(i)));
    done = true;
  }
  EXPECT_FALSE(failed);
  EXPECT_EQ(Total(*writer, "motor"), 60U);
}

TEST(SqliteSegmentsTest, WhatACrashLeftIsRemovedByTheNextWriter) {
  const TempDir dir;
  const SqliteMetadataStoreOptions options{.path = dir / "metadata.db", .inline_bytes = 0};
  {
    ASSERT_TRUE(Put(*MakeSqliteMetadataStore(options).value(), Document(1)));
  }
  testing::WriteFile(dir / "metadata.db-segments/77.segment", "half of a segm");
  const auto store = MakeSqliteMetadataStore(options).value();
  EXPECT_EQ(Total(*store, "motor"), 1U);
  ASSERT_TRUE(Put(*store, Document(2)));
  EXPECT_FALSE(std::filesystem::exists(dir / "metadata.db-segments/77.segment"));
  EXPECT_EQ(FilesBeside(dir / "metadata.db"), 2U);
  EXPECT_EQ(Total(*store, "motor"), 2U);
}

// Each message must say what to do; and that must help.
TEST(SqliteSegmentsTest, AMissingACutAndAnEmptyFileAreNamedAndHealed) {
  for (const char* damage : {"missing", "cut", "empty"}) {
    const TempDir dir;
    SqliteMetadataStoreOptions options{.path = dir / "metadata.db", .inline_bytes = 0};
    {
      ASSERT_TRUE(Put(*MakeSqliteMetadataStore(options).value(), Document(1)));
    }
    const auto file = dir / "metadata.db-segments/1.segment";
    ASSERT_TRUE(std::filesystem::exists(file));
    if (damage == std::string("missing")) {
      std::filesystem::remove(file);
    } else {
      std::filesystem::resize_file(file, damage == std::string("cut") ? 100 : 0);
    }
    const auto page = MakeSqliteMetadataStore(options).value()->Search(Request("motor"));
    ASSERT_FALSE(page.has_value()) << damage;
    EXPECT_EQ(page.error().code, ErrorCode::kDataLoss) << damage;
    EXPECT_NE(page.error().message.find("seshat reindex"), std::string::npos) << page.error().message;
    options.recreate = true;
    const auto healed = MakeSqliteMetadataStore(options).value();
    ASSERT_TRUE(Put(*healed, Document(2)));
    EXPECT_EQ(Total(*healed, "motor"), 1U);
  }
}

TEST(SqliteSegmentsTest, AFileOfTheFirstVersionSaysReindex) {
  const TempDir dir;
  {
    auto db = sqlite::Database::Open(dir / "metadata.db", {}).value();
    ASSERT_TRUE(db->Execute("PRAGMA application_id = 1397975145; PRAGMA user_version = 1; CREATE TABLE term(id)"));
  }
  const auto store = MakeSqliteMetadataStore({dir / "metadata.db"});
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(store.error().message.find("older version"), std::string::npos) << store.error().message;
  EXPECT_NE(store.error().message.find("seshat reindex"), std::string::npos) << store.error().message;
}

// As the version before left it: its number in the database, and in the header of every segment.
void MakeOld(const std::filesystem::path& path) {
  constexpr size_t kFormatAt = sizeof(uint32_t);
  auto db = sqlite::Database::Open(path, {}).value();
  ASSERT_TRUE(
      db->Execute("DROP TABLE format; PRAGMA user_version = 2;"
                  "UPDATE segment_content SET content = CAST(substr(content, 1, 4) || x'02000000' || "
                  "substr(content, 9) AS BLOB)"));
  auto directory = path;
  directory += "-segments";
  if (!std::filesystem::exists(directory)) return;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kFormatAt).write("\2\0\0\0", 4);
  }
}

TEST(SqliteSegmentsTest, AnIndexOfTheVersionBeforeIsMadeAnewWhenItIsOpened) {
  for (const size_t inline_bytes : {size_t{0}, size_t{1} << 20}) {
    const TempDir dir;
    const SqliteMetadataStoreOptions options{.path = dir / "metadata.db", .inline_bytes = inline_bytes};
    {
      const auto store = MakeSqliteMetadataStore(options).value();
      for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(*store, Document(i, 1, "Đường")));
      ASSERT_TRUE(Put(*store, Document(3, 2, "ΟΔΟΣ")));
    }
    MakeOld(options.path);
    const auto store = MakeSqliteMetadataStore(options);
    ASSERT_TRUE(store) << store.error().ToString();
    EXPECT_EQ((*store)->GetStatus()->documents, 20U);
    EXPECT_EQ(Total(**store, "duong"), 19U);
    EXPECT_EQ(Ids((*store)->Search(Request("οδος")).value()), "s3");
    EXPECT_EQ((*store)->Get("s3")->version, 2U);
    ASSERT_TRUE(Put(**store, Document(4, 2, "οδός")));
    EXPECT_EQ(Total(**store, "οδος"), 2U);
    if (inline_bytes == 0) {
      EXPECT_EQ(FilesBeside(options.path), Segments(**store));
    }
    // Nothing is left to do for the next one.
    EXPECT_EQ(Total(*MakeSqliteMetadataStore(options).value(), "duong"), 18U);
  }
}

TEST(SqliteSegmentsTest, SegmentsOfANewerVersionAreRefused) {
  const TempDir dir;
  ASSERT_TRUE(Put(*MakeSqliteMetadataStore({dir / "metadata.db"}).value(), Document(1)));
  ASSERT_TRUE(sqlite::Database::Open(dir / "metadata.db", {}).value()->Execute("UPDATE format SET segments = 99"));
  const auto store = MakeSqliteMetadataStore({dir / "metadata.db"});
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(store.error().message.find("seshat reindex"), std::string::npos) << store.error().message;
}

TEST(SqliteSegmentsTest, RarerWordsAndMoreOfThemComeFirst) {
  const TempDir dir;
  const auto store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  ASSERT_TRUE(Put(*store, Document(1, 1, "motor fault")));
  ASSERT_TRUE(Put(*store, Document(2, 1, "motor")));
  ASSERT_TRUE(Put(*store, Document(3, 1, "motor, motor and motor")));
  ASSERT_TRUE(Put(*store, Document(4, 1, "motor")));
  ASSERT_TRUE(Put(*store, Document(5, 1, "nothing")));
  auto request = Request("motor or fault");
  request.sort.by = SortOrder::By::kRelevance;
  const auto page = store->Search(request).value();
  EXPECT_EQ(Ids(page), "s1 s3 s4 s2");  // the equal ones newest first
  EXPECT_EQ(page.ranked_newest, 0U);
  request.query = query::ParseQuery("motor^9 or fault").value();
  EXPECT_EQ(Ids(store->Search(request).value()), "s3 s1 s4 s2");
  request.query = query::ParseQuery("motor and not fault").value();
  EXPECT_EQ(Ids(store->Search(request).value()), "s3 s4 s2");
}

// All pages together have every match once: ranked ones by falling score, then the others, newest first.
TEST(SqliteSegmentsTest, RankedPagesHaveEveryMatchOnce) {
  const TempDir dir;
  const auto store = MakeSqliteMetadataStore({.path = dir / "metadata.db", .most_ranked = 20}).value();
  std::mt19937_64 random(5);
  for (int i = 0; i < 50; ++i) {
    std::string notes = "motor";
    for (uint64_t n = random() % 4; n > 0; --n) notes += " motor";
    ASSERT_TRUE(Put(*store, Document(i, 1, notes)));
  }
  auto request = Request("motor", 7);
  request.sort.by = SortOrder::By::kRelevance;
  std::vector<SearchHit> hits;
  do {
    auto page = store->Search(request).value();
    EXPECT_EQ(page.total, 50U);
    EXPECT_EQ(page.ranked_newest, 20U);
    std::ranges::move(page.hits, std::back_inserter(hits));
    request.cursor = page.next_cursor;
  } while (!request.cursor.empty() && hits.size() < 100);
  std::set<std::string> seen;
  for (const auto& hit : hits) seen.insert(hit.document.session_id);
  EXPECT_EQ(hits.size(), 50U);
  EXPECT_EQ(seen.size(), 50U);
  for (size_t i = 0; i + 1 < hits.size(); ++i) {
    EXPECT_GE(hits[i].score, hits[i + 1].score);
    EXPECT_EQ(hits[i].score > 0, i < 20);
    if (hits[i].score == hits[i + 1].score) {
      EXPECT_GT(hits[i].document.started_at, hits[i + 1].document.started_at);
    }
  }
}

// Every member that a document has comes back; a new one must be added to the codec.
TEST(SqliteSegmentsTest, DocumentsComeBackWhole) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SearchMaker maker(seed, seed % 2 == 0);
    auto document = maker.AnyDocument("s", 3);
    document.metadata_problems = {"line 3: no ':' or '='"};
    document.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    document.files.push_back({"a%00.bin", "s/raw/a%2500.bin", 1, Sha256::Of(AsBytes("x")), {}});
    document.files.back().results.push_back({"p", "1", "failed", "k", "why", {{"o.csv", "k/o.csv", 5}}});
    const auto packed = sqlite_metadata_store::PackDocument(document);
    const auto unpacked = sqlite_metadata_store::UnpackDocument(packed);
    ASSERT_TRUE(unpacked.has_value());
    EXPECT_EQ(*unpacked, document);
    EXPECT_EQ(query::EncodeSessionDocument(*unpacked), query::EncodeSessionDocument(document));
    EXPECT_FALSE(sqlite_metadata_store::UnpackDocument(packed.substr(0, packed.size() - 1)).has_value());
    EXPECT_FALSE(sqlite_metadata_store::UnpackDocument(packed + "x").has_value());
  }
}

// Kilobytes of mapped segments that are in this process's memory.
uint64_t MappedKilobytes() {
  std::ifstream maps("/proc/self/smaps");
  uint64_t kilobytes = 0;
  bool is_segment = false;
  for (std::string line; std::getline(maps, line);) {
    // "55d0-55d1 r--s 00000000 08:01 12 /path" begins a mapping, "Rss:   12 kB" is one of the lines about it.
    if (line.find('-') < line.find(':')) is_segment = line.ends_with(".segment");
    if (is_segment && line.starts_with("Rss:")) kilobytes += std::stoull(line.substr(4));
  }
  return kilobytes;
}

TEST(SqliteSegments, WhatWasSearchedLeavesTheMemoryWhereThatIsAskedFor) {
  const TempDir dir;
  std::vector<SessionDocument> documents;
  for (int i = 0; i < 200; ++i) documents.push_back(Document(i));
  SqliteMetadataStoreOptions options{.path = dir / "metadata.db", .inline_bytes = 0};
  ASSERT_TRUE(MakeSqliteMetadataStore(options).value()->Upsert(documents));
  for (const bool release : {false, true}) {
    options.release_memory = release;
    const auto store = MakeSqliteMetadataStore(options).value();
    EXPECT_EQ(store->Search(Request("n > 99", 0)).value().total, 100U);
    EXPECT_EQ(MappedKilobytes() > 0, !release);
    // What is read again is there again.
    EXPECT_EQ(store->Search(Request("n > 99", 200)).value().hits.size(), 100U);
  }
}

}  // namespace
}  // namespace seshat::sqlite_metadata_store
