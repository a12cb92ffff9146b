// A stored manifest, in one piece and in pages: the same answers, few requests, and every damage found.
#include "services/records/stored_manifest.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "services/records/manifest_reader.h"
#include "support/generators.h"
#include "support/paged_manifest.h"

namespace seshat::stored {
namespace {

using ::testing::HasSubstr;

const SessionId kId = SessionId::Parse("run-1").value();

Manifest ManifestOf(const std::vector<std::string>& paths) {
  Manifest manifest{.session_id = kId.value(), .revision = 2};
  for (const auto& path : paths)
    manifest.files.push_back({.path = path, .key = "run-1/raw/" + records::EncodePath(path), .size = 3});
  manifest.skipped.push_back({"link", "symlink", "links are not followed"});
  manifest.removed.push_back("gone.bin");
  return manifest;
}

std::vector<std::string> PathsOf(const std::vector<ManifestFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path);
  return paths;
}

struct Lab {
  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs = std::make_shared<memory_blob_store::MemoryBlobs>();
  std::unique_ptr<BlobStore> store = memory_blob_store::MakeMemoryBlobStore(blobs);

  Result<StoredManifest> Read() { return ReadNewest(*store, kId, {}); }
  Status ReadAll() {
    SESHAT_ASSIGN(const auto manifest, Read());
    return manifest.ForEachPage([](const ManifestPage&) -> Status { return {}; });
  }
};

std::vector<std::string> Below(const StoredManifest& manifest, std::string_view prefix) {
  std::vector<std::string> paths;
  const Status read = manifest.ForEachFileBelow(prefix, [&](const ManifestFile& file) -> Status {
    paths.push_back(file.path);
    return {};
  });
  EXPECT_TRUE(read) << read.error().message;
  return paths;
}

RC_GTEST_PROP(StoredManifestProperty, AnswersTheSameInOnePieceAndInPages, ()) {
  std::set<std::string> paths;
  for (int i = *rc::gen::inRange(0, 25); i > 0; --i)
    paths.insert(*rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'b', '/', '\xFF'))));
  const Manifest manifest = ManifestOf({paths.begin(), paths.end()});
  Lab pieces;
  testing::PutInPages(*pieces.store, manifest, {.entries = *rc::gen::inRange<size_t>(1, 6)});
  Lab whole;
  RC_ASSERT(PutBytes(*whole.store, keys::Manifest(kId, 2).value(), records::EncodeManifest(manifest)).has_value());
  for (Lab* lab : {&pieces, &whole}) {
    const auto read = lab->Read();
    if (!read) RC_FAIL(read.error().message);
    RC_ASSERT(read->totals() == (ManifestTotals{paths.size(), paths.size() * 3, 1, 1}));
    RC_ASSERT(read->head().files.empty() && read->head().skipped.empty() && read->head().removed.empty());
    RC_ASSERT(Below(*read, "") == PathsOf(manifest.files));
    const std::string prefix = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '/', '\xFF'));
    std::vector<std::string> expected;
    for (const auto& path : paths)
      if (path.starts_with(prefix)) expected.push_back(path);
    RC_ASSERT(Below(*read, prefix) == expected);
    RC_ASSERT(read->Find(prefix).value().has_value() == paths.contains(prefix));
    for (const auto& path : paths) RC_ASSERT(read->Find(path).value()->path == path);
    std::vector<std::string> others;
    RC_ASSERT(read->ForEachPage([&](const ManifestPage& page) -> Status {
      for (const auto& entry : page.skipped) others.push_back(entry.path);
      others.insert(others.end(), page.removed.begin(), page.removed.end());
      return {};
    }));
    RC_ASSERT(others == (std::vector<std::string>{"link", "gone.bin"}));
  }
}

struct Damaged : ::testing::Test {
  Lab lab;
  testing::PagedManifest pages = testing::InPages(ManifestOf({"a", "b", "c", "d", "e"}), {.entries = 2});

  void Put(const std::string& key, const std::string& text) {
    ASSERT_TRUE(PutBytes(*lab.store, BlobKey::Parse(key).value(), text));
  }
  void PutHead() { Put("run-1/manifests/000002.json", pages.head); }
  void ExpectLoss(const std::string& problem) {
    const Status read = lab.ReadAll();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(read.error().message, HasSubstr(problem));
    EXPECT_THAT(read.error().message, HasSubstr(pages.pages[1].ref.key));
  }
};

TEST_F(Damaged, APageIsMissing) {
  PutHead();
  for (const size_t i : {0U, 2U, 3U}) Put(pages.pages[i].ref.key, pages.pages[i].text);
  ExpectLoss("");
}

TEST_F(Damaged, APageHasOtherBytes) {
  PutHead();
  for (const size_t i : {0U, 2U, 3U}) Put(pages.pages[i].ref.key, pages.pages[i].text);
  std::string text = pages.pages[1].text;
  text[text.find("\"size\":3") + 7] = '4';
  Put(pages.pages[1].ref.key, text);
  ExpectLoss("SHA-256");
}

TEST_F(Damaged, APageIsShorterOrLonger) {
  for (const bool longer : {false, true}) {
    lab = {};
    PutHead();
    for (const size_t i : {0U, 2U, 3U}) Put(pages.pages[i].ref.key, pages.pages[i].text);
    const std::string& text = pages.pages[1].text;
    Put(pages.pages[1].ref.key, longer ? text + std::string(1 << 20, ' ') : text.substr(0, 20));
    ExpectLoss("");
  }
}

TEST_F(Damaged, TheHeadNamesAPageOfAnotherSession) {
  const auto at = pages.head.find("run-1/manifest-pages/000002/000002");
  pages.head.replace(at, 5, "run-2");
  PutHead();
  const auto read = lab.Read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(read.error().message, HasSubstr("run-2/manifest-pages/000002/000002-"));
  EXPECT_THAT(read.error().message, HasSubstr("run-1/manifests/000002.json"));
}

TEST_F(Damaged, PagesWithoutAHeadAreNoSession) {
  for (const auto& page : pages.pages) Put(page.ref.key, page.text);
  const auto read = lab.Read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kNotFound) << "it is still being uploaded";
}

TEST(StoredManifest, AnErrorOfTheCallerEndsTheReading) {
  Lab lab;
  testing::PutInPages(*lab.store, ManifestOf({"a", "b", "c", "d", "e", "f"}), {.entries = 2});
  const auto manifest = lab.Read();
  ASSERT_TRUE(manifest) << manifest.error().message;
  int seen = 0;
  const Status read = manifest->ForEachFile([&](const ManifestFile&) -> Status {
    return ++seen < 3 ? Status{} : Fail(ErrorCode::kResourceExhausted, "enough");
  });
  EXPECT_EQ(seen, 3);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kResourceExhausted);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(manifest->ForEachFile([](const ManifestFile&) -> Status { return {}; }, stop.get_token()).error().code,
            ErrorCode::kCancelled);
}

}  // namespace
}  // namespace seshat::stored
