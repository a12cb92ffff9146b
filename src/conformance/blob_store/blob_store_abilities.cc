// What stores differ in: a capability is either there and works, or absent and refused.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "conformance/blob_store/blob_store_cases.h"
#include "conformance/blob_store/blob_store_probes.h"

namespace seshat::conformance {
namespace {

void AWriterMayNotRead(BlobStoreHarness& h) {
  const auto writer = h.Open(BlobAccess::kWriteOnly);
  EXPECT_EQ(CodeOf(PutBytes(*writer, Key("k"), "first")), "ok");
  EXPECT_EQ(CodeOf(PutBytes(*writer, Key("k"), "second")), "already_exists");
  ProbeJournal journal;
  PutRequest request{.key = Key("r"), .body = SourceFromBytes("resumable"), .journal = &journal};
  EXPECT_EQ(CodeOf(PutOne(*writer, request)), "ok");
  request.resume_state = journal.state();
  EXPECT_EQ(CodeOf(PutOne(*writer, request)), "ok");
  EXPECT_TRUE(writer->Abandon(Key("x"), "unknown"));
  EXPECT_FALSE(writer->Url(Key("k")).empty());

  for (const char* key : {"k", "missing"}) {
    EXPECT_EQ(CodeOf(writer->Stat(Key(key))), "permission_denied");
    EXPECT_EQ(ReadBack(*writer, Key(key)), "<permission_denied>");
  }
  EXPECT_EQ(CodeOf(writer->List({})), "permission_denied");
  EXPECT_EQ(ReadBack(*h.Open(BlobAccess::kReadWrite), Key("k")), "first");
}

void NestsKeysAsItSays(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const std::string second = store->capabilities().nested_keys ? "ok" : "invalid_argument";
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("a"), "object")), "ok");
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("a/b"), "below")), second);
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("a/b/c"), "further below")), second);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("d/e/f"), "below")), "ok");
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("d/e"), "object")), second);
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("d"), "object")), second);
  EXPECT_EQ(ReadBack(*store, Key("a")), "object");
  EXPECT_EQ(ReadBack(*store, Key("d/e/f")), "below");
}

std::vector<std::string> UnusualKeys(size_t longest_segment = BlobKey::kMaxBytes) {
  std::vector<std::string> keys = {"A",
                                   "a",
                                   "a.",
                                   "a..",
                                   "...",
                                   ".hidden",
                                   "..a",
                                   "-rf",
                                   "~",
                                   "~root",
                                   "a b",
                                   " leading",
                                   "trailing ",
                                   "con",
                                   "NUL.txt",
                                   "%",
                                   "%2F",
                                   "%00",
                                   "a%",
                                   "a+b",
                                   "a?b",
                                   "a#b",
                                   "a&b=c",
                                   "a;b",
                                   "a:b",
                                   "a@b",
                                   "a\\b",
                                   "a'b",
                                   "a\"b",
                                   "a*b",
                                   "a|b",
                                   "a<b>c",
                                   "$(reboot)",
                                   "`id`",
                                   "a,b",
                                   "[a]",
                                   "{a}",
                                   "a^b",
                                   "caf\xC3\xA9",
                                   "cafe\xCC\x81",
                                   "\xE2\x80\xAEtxt.exe",
                                   "\xEF\xBB\xBF"
                                   "bom",
                                   "\xF0\x9F\x92\xBE",
                                   "\xF4\x8F\xBF\xBF",
                                   "\xC2\x80",
                                   "\xC2\xA0",
                                   "deep/\xC3\x84/%2E%2E/x",
                                   "x/.seshat/puts",
                                   "seshat",
                                   "x/CON/aux"};
  // Longer than any file system's names, at every border, with the same beginnings.
  for (const size_t length : {254, 255, 256, 257, 509, 510, 511, 1000, 1024}) {
    keys.push_back(std::string(length, 'n'));
    if (length < 1000) keys.push_back("long/" + std::string(length, 'm') + "/x");
  }
  keys.push_back("u/" + std::string(253, 'e') + "\xC3\xA9" + std::string(100, 'f'));  // split within a letter
  std::erase_if(keys, [&](const std::string& key) {
    for (size_t begin = 0; begin < key.size();) {
      const size_t end = std::min(key.find('/', begin), key.size());
      if (end - begin > longest_segment) return true;
      begin = end + 1;
    }
    return false;
  });
  return keys;
}

void KeepsKeysByteForByte(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  std::vector<std::string> keys = UnusualKeys(h.longest_segment());
  for (const std::string& key : keys) ASSERT_EQ(CodeOf(PutBytes(*store, Key(key), "of " + key)), "ok") << key;
  for (const std::string& key : keys) EXPECT_EQ(ReadBack(*store, Key(key)), "of " + key);
  std::ranges::sort(keys);
  EXPECT_EQ(Keys(*store), keys);
  for (const size_t limit : {1, 7}) {
    const auto all = ListAll(*store, {.limit = limit});
    ASSERT_EQ(CodeOf(all), "ok");
    EXPECT_EQ(all->keys, keys);
  }
}

void UrlsNameTheirKeys(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  std::set<std::string> urls;
  const auto keys = UnusualKeys();
  for (const std::string& key : keys) {
    const std::string url = store->Url(Key(key));
    EXPECT_NE(url.find("://"), std::string::npos) << url;
    urls.insert(url);
  }
  EXPECT_EQ(urls.size(), keys.size()) << "two keys share a URL";
}

void RestoresAsItSays(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("k"), "cold")), "ok");
  if (!store->capabilities().archive) {
    EXPECT_EQ(CodeOf(store->Restore(Key("k"), {})), "unsupported");
    return;
  }
  EXPECT_EQ(CodeOf(store->Restore(Key("k"), {})), "ok") << "a readable object";
  EXPECT_EQ(ReadBack(*store, Key("k")), "cold");
  EXPECT_EQ(CodeOf(store->Restore(Key("missing"), {})), "not_found");
  if (!h.Archive(Key("k"))) GTEST_SKIP() << "archiving cannot be staged";
  const auto state = [&] { return store->Stat(Key("k")).value().archive_state; };
  EXPECT_EQ(state(), ArchiveState::kArchived);
  EXPECT_EQ(ReadBack(*store, Key("k")), "<archived>");
  EXPECT_EQ(CodeOf(store->Restore(Key("k"), {.tier = RestoreTier::kStandard, .days = 3})), "ok");
  EXPECT_EQ(CodeOf(store->Restore(Key("k"), {})), "ok") << "repeating is harmless";
  EXPECT_EQ(state(), ArchiveState::kRestoring);
  EXPECT_EQ(ReadBack(*store, Key("k")), "<archived>");
  if (!h.FinishRestores()) GTEST_SKIP() << "hours cannot be staged";
  EXPECT_EQ(state(), ArchiveState::kRestored);
  EXPECT_TRUE(store->Stat(Key("k")).value().restored_until);
  EXPECT_EQ(ReadBack(*store, Key("k")), "cold");
}

void KeepsStorageClassesAsItSays(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const auto asked : {StorageClass::kStandard, StorageClass::kGlacierInstantRetrieval}) {
    const StorageClass expected = store->capabilities().storage_classes ? asked : StorageClass::kStandard;
    const BlobKey key = Key(records::StorageClassName(asked));
    const auto outcome = PutBytes(*store, key, "x", asked);
    ASSERT_EQ(CodeOf(outcome), "ok");
    EXPECT_EQ(outcome->storage_class, expected);
    const auto info = store->Stat(key);
    ASSERT_EQ(CodeOf(info), "ok");
    EXPECT_EQ(info->storage_class, expected);
    EXPECT_EQ(ReadBack(*store, key), "x");
  }
}

void KeepsAttributesAsItSays(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  using Attributes = std::vector<std::pair<std::string, std::string>>;
  const Attributes attributes = {{"mode", "0644"}, {"source-mtime", "2026-11-23T05:50:00Z"}};
  PutRequest request{.key = Key("k"), .body = SourceFromBytes("x"), .attributes = attributes};
  ASSERT_EQ(CodeOf(PutOne(*store, std::move(request))), "ok");
  auto info = store->Stat(Key("k"));
  ASSERT_EQ(CodeOf(info), "ok");
  std::ranges::sort(info->attributes);
  EXPECT_EQ(info->attributes, store->capabilities().attributes ? attributes : Attributes{});
}

constexpr BlobStoreCase kCases[] = {
    {"AWriterMayNotRead", AWriterMayNotRead},
    {"NestsKeysAsItSays", NestsKeysAsItSays},
    {"KeepsKeysByteForByte", KeepsKeysByteForByte},
    {"UrlsNameTheirKeys", UrlsNameTheirKeys},
    {"RestoresAsItSays", RestoresAsItSays},
    {"KeepsStorageClassesAsItSays", KeepsStorageClassesAsItSays},
    {"KeepsAttributesAsItSays", KeepsAttributesAsItSays},
};

}  // namespace

std::span<const BlobStoreCase> BlobCapabilityCases() { return kCases; }

}  // namespace seshat::conformance
