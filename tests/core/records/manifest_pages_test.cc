// Manifests in pages: what is written is read, and what is wrong is found.
#include "core/records/manifest_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/records/keys.h"
#include "support/generators.h"
#include "support/paged_manifest.h"

namespace seshat::records {
namespace {

using ::testing::HasSubstr;
using testing::InPages;
using testing::PagedManifest;

const SessionId kId = SessionId::Parse("run-1").value();

// As AnyManifest, with names that a session can have.
Manifest AnySessionManifest() {
  Manifest manifest = *testing::AnyManifest();
  manifest.session_id = kId.value();
  manifest.revision = *rc::gen::inRange<uint32_t>(1, 1'000'000);
  std::set<std::string> paths;
  for (int i = *rc::gen::inRange(0, 30); i > 0; --i) paths.insert("f" + *testing::AnyBytes());
  const std::vector<ManifestFile> some = manifest.files;
  manifest.files.clear();
  for (const auto& path : paths) {
    ManifestFile file = some.empty() ? ManifestFile{} : some[manifest.files.size() % some.size()];
    file.path = path;
    file.size = *rc::gen::oneOf(rc::gen::just<uint64_t>(0), rc::gen::inRange<uint64_t>(0, uint64_t{1} << 58));
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

ManifestLimits AnyLimits() { return {*rc::gen::inRange<size_t>(0, 3000), *rc::gen::inRange<size_t>(1, 8)}; }

RC_GTEST_PROP(ManifestPages, WhatIsWrittenIsRead, ()) {
  const Manifest manifest = AnySessionManifest();
  const ManifestLimits limits = AnyLimits();
  const PagedManifest written = InPages(manifest, limits);
  const auto head = DecodeManifestHead(written.head);
  if (!head) RC_FAIL(head.error().message);
  RC_ASSERT(head->pages.size() == written.pages.size());
  Manifest again = head->manifest;
  for (size_t i = 0; i < written.pages.size(); ++i) {
    RC_ASSERT(written.pages[i].text.size() <= std::max<size_t>(limits.bytes, 4000));
    auto page = DecodeManifestPage(*head, i, written.pages[i].text);
    if (!page) RC_FAIL(page.error().message);
    RC_ASSERT(page->files.size() + page->skipped.size() + page->removed.size() <= limits.entries);
    std::ranges::move(page->files, std::back_inserter(again.files));
    std::ranges::move(page->skipped, std::back_inserter(again.skipped));
    std::ranges::move(page->removed, std::back_inserter(again.removed));
  }
  RC_ASSERT(EncodeManifest(again) == EncodeManifest(manifest));
  RC_ASSERT(head->totals.files == manifest.files.size());
  RC_ASSERT(head->totals.bytes == manifest.TotalBytes());
}

RC_GTEST_PROP(ManifestPages, APathIsInThePageThatTheHeadSays, ()) {
  const Manifest manifest = AnySessionManifest();
  const PagedManifest written = InPages(manifest, AnyLimits());
  const auto head = DecodeManifestHead(written.head).value();
  for (const auto& file : manifest.files) {
    const auto* ref = head.PageOf(file.path);
    RC_ASSERT(ref != nullptr);
    const auto index = static_cast<size_t>(ref - head.pages.data());
    const auto page = DecodeManifestPage(head, index, written.pages[index].text).value();
    RC_ASSERT(std::ranges::count(page.files, file.path, &ManifestFile::path) == 1);
  }
  RC_ASSERT(head.PageOf("") == nullptr);
}

RC_GTEST_PROP(ManifestPages, OneObjectHasTheBytesItAlwaysHad, ()) {
  const Manifest manifest = AnySessionManifest();
  ManifestListsBuilder lists(EncodeManifestHead(manifest), {.entries = 1000});
  for (const auto& file : manifest.files) RC_ASSERT(lists.Add(file));
  for (const auto& entry : manifest.skipped) RC_ASSERT(lists.Add(entry));
  for (const auto& path : manifest.removed) RC_ASSERT(lists.AddRemoved(path));
  const std::string text = std::move(lists).Finish();
  RC_ASSERT(text == EncodeManifest(manifest));
  const auto head = DecodeManifestHead(text).value();
  RC_ASSERT(head.pages.empty());
  RC_ASSERT(head.totals.files == manifest.files.size());
  RC_ASSERT(EncodeManifest(head.manifest) == text);
}

RC_GTEST_PROP(ManifestPages, GarbageIsDataLossAndNeverACrash, ()) {
  const PagedManifest written = InPages(AnySessionManifest(), AnyLimits());
  std::string text = written.head;
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
      break;
    default:
      text.insert(at, *testing::AnyBytes());
  }
  if (const auto head = DecodeManifestHead(text); !head) RC_ASSERT(head.error().code == ErrorCode::kDataLoss);
}

Manifest SevenFiles() {
  Manifest manifest{.session_id = "run-1", .revision = 3};
  for (const char* path : {"a", "b", "c", "d", "e", "f", "g"})
    manifest.files.push_back({.path = path, .key = std::string("run-1/raw/") + path, .size = 10, .mode = 0644});
  manifest.skipped.push_back({"link", "symlink", "links are not followed"});
  return manifest;
}

// Three pages: a b c | d e f | g link.
struct Hostile : ::testing::Test {
  Manifest manifest = SevenFiles();
  PagedManifest good = InPages(manifest, {.entries = 3});
  std::vector<ManifestPageRef> refs = DecodeManifestHead(good.head).value().pages;

  // What is wrong with a head that names these pages.
  std::string ProblemOf(const std::vector<ManifestPageRef>& pages) const {
    const auto head = DecodeManifestHead(EncodeManifestHeadOfPages(manifest, pages));
    if (head) return "";
    EXPECT_EQ(head.error().code, ErrorCode::kDataLoss);
    return head.error().message;
  }
  static std::string Replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
  }
};

TEST_F(Hostile, HasThreePages) {
  ASSERT_EQ(refs.size(), 3U);
  EXPECT_EQ(ProblemOf(refs), "");
  EXPECT_EQ(refs[2].totals, (ManifestTotals{.files = 1, .bytes = 10, .skipped = 1}));
  EXPECT_EQ(refs[1].first, "d");
}

TEST_F(Hostile, AKeyOfAnotherSession) {
  refs[1].key = Replaced(refs[1].key, "run-1", "run-2");
  EXPECT_THAT(ProblemOf(refs), HasSubstr("run-2/manifest-pages/000003/000002-"));
}

TEST_F(Hostile, AKeyOfAnotherRevisionOrFile) {
  auto other = refs;
  other[1].key = Replaced(refs[1].key, "000003", "000002");
  EXPECT_THAT(ProblemOf(other), HasSubstr(other[1].key));
  other[1].key = "run-1/raw/b";
  EXPECT_THAT(ProblemOf(other), HasSubstr("run-1/raw/b"));
  other[1].key = "../escape";
  EXPECT_THAT(ProblemOf(other), HasSubstr("not where this page lies"));
}

TEST_F(Hostile, PagesSwapped) {
  std::swap(refs[0], refs[1]);
  EXPECT_THAT(ProblemOf(refs), HasSubstr(refs[0].key));
}

TEST_F(Hostile, APageLeftOut) {
  EXPECT_THAT(ProblemOf({refs[0], refs[2]}), HasSubstr(refs[2].key));
  const std::string last_left_out =
      Replaced(EncodeManifestHeadOfPages(manifest, {refs[0], refs[1]}), "\"files\":6", "\"files\":7");
  EXPECT_THAT(DecodeManifestHead(last_left_out).error().message, HasSubstr("totals"));
}

TEST_F(Hostile, TooManyPages) {
  std::string many = "\"pages\":[0";
  for (uint32_t i = 0; i < kMaxManifestPages; ++i) many += ",0";
  const auto head = DecodeManifestHead(Replaced(good.head, "\"pages\":[", many + ","));
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(head.error().message, HasSubstr("too many pages"));
}

TEST_F(Hostile, APageTooLargeToBeRead) {
  refs[0].size = kMaxManifestPageBytes + 1;
  EXPECT_THAT(ProblemOf(refs), HasSubstr("larger than any page"));
}

TEST_F(Hostile, CountsThatDoNotAddUp) {
  EXPECT_THAT(DecodeManifestHead(Replaced(good.head, "\"files\":7", "\"files\":8")).error().message,
              HasSubstr("totals"));
  refs[0].totals.bytes = std::numeric_limits<uint64_t>::max();
  EXPECT_THAT(ProblemOf(refs), HasSubstr("cannot be true"));
}

TEST_F(Hostile, APageThatIsNotTheOneNamed) {
  const auto head = DecodeManifestHead(good.head).value();
  const auto problem = [&](size_t index, const std::string& text) {
    const auto page = DecodeManifestPage(head, index, text);
    EXPECT_FALSE(page);
    if (page) return std::string();
    EXPECT_EQ(page.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(page.error().message, HasSubstr(refs[index].key));
    return page.error().message;
  };
  EXPECT_THAT(problem(0, good.pages[1].text), HasSubstr("SHA-256"));
  EXPECT_THAT(problem(0, good.pages[0].text + " "), HasSubstr("bytes instead of"));
  EXPECT_THAT(problem(0, Replaced(good.pages[0].text, "\"size\":10", "\"size\":11")), HasSubstr("SHA-256"));
}

// A page with the right digest that says something else: whoever wrote the head wrote it wrongly.
TEST_F(Hostile, APageThatIsOfAnotherPlace) {
  const auto problem = [&](size_t index, const std::string& from, const std::string& to) {
    const std::string text = Replaced(good.pages[index].text, from, to);
    auto pages = refs;
    pages[index].sha256 = Sha256::Of(AsBytes(text));
    pages[index].size = text.size();
    pages[index].key =
        keys::ManifestPage(kId, 3, static_cast<uint32_t>(index + 1), pages[index].sha256).value().value();
    const auto head = DecodeManifestHead(EncodeManifestHeadOfPages(manifest, pages));
    EXPECT_TRUE(head) << head.error().message;
    const auto page = DecodeManifestPage(*head, index, text);
    EXPECT_FALSE(page) << to;
    return page ? std::string() : page.error().message;
  };
  EXPECT_THAT(problem(0, "\"run-1\"", "\"run-2\""), HasSubstr("another manifest"));
  EXPECT_THAT(problem(0, "\"revision\":3", "\"revision\":4"), HasSubstr("another manifest"));
  EXPECT_THAT(problem(0, "\"page\":1", "\"page\":2"), HasSubstr("another manifest"));
  EXPECT_THAT(problem(0, "\"size\":10", "\"size\":11"), HasSubstr("does not hold what"));
  EXPECT_THAT(problem(0, "\"path\":\"a\"", "\"path\":\"aa\""), HasSubstr("out of order"));
  EXPECT_THAT(problem(0, "\"path\":\"c\"", "\"path\":\"da\""), HasSubstr("out of order"));
  EXPECT_THAT(problem(0, "\"path\":\"c\"", "\"path\":\"a\""), HasSubstr("not sorted"));
  EXPECT_THAT(problem(2, "manifest-page/1", "manifest-page/9"), HasSubstr("'format'"));
}

TEST(ManifestPagesBorder, WhatAWriterCanMakeEveryReaderTakes) {
  // The longest names, the largest numbers, and limits that ask for more than is allowed.
  Manifest manifest{.session_id = std::string(200, 's'), .revision = 999'999};
  const std::string key(BlobKey::kMaxBytes, 'k');
  for (int i = 0; i < 150; ++i) {
    manifest.files.push_back({.path = std::to_string(100'000 + i) + std::string(4000, '\x01'),
                              .key = key,
                              .size = i == 0 ? std::numeric_limits<uint64_t>::max() : 0,
                              .mode = 07777,
                              .modified_at = Timestamp::max(),
                              .checksum = "crc64nvme:AAAAAAAAAAA=",
                              .since_revision = 999'999});
  }
  manifest.files.front().modified_at = Timestamp::min();
  const PagedManifest written = InPages(manifest, {.bytes = SIZE_MAX, .entries = SIZE_MAX});
  const auto head = DecodeManifestHead(written.head);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->totals.files, 150U);
  size_t largest = 0;
  for (size_t i = 0; i < written.pages.size(); ++i) {
    largest = std::max(largest, written.pages[i].text.size());
    EXPECT_TRUE(DecodeManifestPage(*head, i, written.pages[i].text));
  }
  EXPECT_GT(largest, ManifestLimits{}.bytes - 20'000) << "pages are filled";
  EXPECT_LE(largest, ManifestLimits{}.bytes);
  EXPECT_LE(largest, kMaxManifestPageBytes);
}

TEST(ManifestPagesBorder, ObjectsStayBelowTheBorderOfTheArchive) {
  EXPECT_LT(ManifestLimits{}.bytes, ArchiveBorderBytes(PriceTable{}) * 3 / 4);
  // A head of the pages of a million files with usual names.
  std::vector<ManifestPageRef> pages;
  for (uint32_t i = 0; i < 350; ++i)
    pages.push_back({.key = keys::ManifestPage(kId, 1, i + 1, {}).value().value(), .first = std::string(60, 'p')});
  EXPECT_LT(EncodeManifestHeadOfPages(SevenFiles(), pages).size(), ArchiveBorderBytes(PriceTable{}) / 4);
}

TEST(ManifestPageKeys, AreReadAsTheyAreWritten) {
  const Sha256 sha256 = Sha256::Of(AsBytes("page"));
  const auto key = keys::ManifestPage(kId, 2, 17, sha256).value().value();
  EXPECT_EQ(key, "run-1/manifest-pages/000002/000017-" + sha256.ToHex() + ".json");
  const auto name = keys::ParseManifestPage(kId, key);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->revision, 2U);
  EXPECT_EQ(name->page, 17U);
  EXPECT_EQ(name->sha256, sha256);
  EXPECT_FALSE(keys::RevisionOfManifest(kId, key)) << "a page is not a revision";
  EXPECT_FALSE(key.starts_with(keys::ManifestPrefix(kId)));
  EXPECT_EQ(keys::ManifestPage(kId, 1, 1'000'000, sha256).error().code, ErrorCode::kResourceExhausted);
  EXPECT_FALSE(keys::ManifestPage(kId, 0, 1, sha256));
  for (const std::string& other :
       {key + "x", "x" + key, std::string("run-1/manifests/000001.json"), Hostile::Replaced(key, "000017", "+00017"),
        Hostile::Replaced(key, "000002", "000000")})
    EXPECT_FALSE(keys::ParseManifestPage(kId, other)) << other;
}

}  // namespace
}  // namespace seshat::records
