// Listings: byte order, pages, prefixes and folders, compared with a plain computation over the keys.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/blob_store/blob_store_cases.h"
#include "conformance/blob_store/blob_store_probes.h"

namespace seshat::conformance {
namespace {

// '.' and '-' sort before '/', '0' behind it: an order by path components is not the order of keys.
const char* const kKeys[] = {"a.b", "a/b", "a-b", "a0",   "a/c/d", "a/c.d",      "a/c-d/e",    "a/c0",      "ab/x",
                             "b",   "B",   "a b", "a!/z", "a/b!",  "\xC3\xA4/x", "zz/1/2/3/4", "zz/1/2/30", "zz/1/2.3"};

Result<std::vector<std::string>> Store(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  std::vector<std::string> keys;
  for (const char* key : kKeys) {
    SESHAT_TRY(PutBytes(*store, Key(key), key));
    keys.emplace_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

// What a listing must hold.
std::vector<std::string> Expected(const std::vector<std::string>& keys, const ListOptions& options) {
  std::vector<std::string> entries;
  for (const std::string& key : keys) {
    if (!key.starts_with(options.prefix)) continue;
    const size_t slash = options.fold_folders ? key.find('/', options.prefix.size()) : std::string::npos;
    std::string entry = slash == std::string::npos ? key : key.substr(0, slash + 1);
    if (entry > options.start_after && (entries.empty() || entries.back() != entry))
      entries.push_back(std::move(entry));
  }
  return entries;
}

void ExpectListing(BlobStore& store, const std::vector<std::string>& keys, const ListOptions& options) {
  const auto all = ListAll(store, options);
  ASSERT_EQ(CodeOf(all), "ok");
  EXPECT_EQ(all->entries, Expected(keys, options))
      << "prefix '" << options.prefix << "' after '" << options.start_after << "' limit " << options.limit;
  EXPECT_TRUE(all->well_formed) << "limit " << options.limit;
  EXPECT_LE(all->largest_page, options.limit);
}

void ListsInByteOrder(BlobStoreHarness& h) {
  const auto keys = Store(h);
  ASSERT_EQ(CodeOf(keys), "ok");
  const auto store = h.Open(BlobAccess::kReadWrite);
  const auto page = store->List({});
  ASSERT_EQ(CodeOf(page), "ok");
  ASSERT_EQ(page->blobs.size(), keys->size());
  for (size_t i = 0; i < keys->size(); ++i) {
    EXPECT_EQ(page->blobs[i].key, (*keys)[i]);
    EXPECT_EQ(page->blobs[i].size, (*keys)[i].size());
  }
  EXPECT_EQ(page->next_start_after, "");
  EXPECT_TRUE(page->folders.empty());
}

void PagesWithEveryLimit(BlobStoreHarness& h) {
  const auto keys = Store(h);
  ASSERT_EQ(CodeOf(keys), "ok");
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (size_t limit = 1; limit <= keys->size() + 1; ++limit) {
    ExpectListing(*store, *keys, {.limit = limit});
    ExpectListing(*store, *keys, {.limit = limit, .fold_folders = true});
    ExpectListing(*store, *keys, {.prefix = "a/", .limit = limit, .fold_folders = true});
  }
}

void ListsByPrefix(BlobStoreHarness& h) {
  const auto keys = Store(h);
  ASSERT_EQ(CodeOf(keys), "ok");
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const char* prefix : {"", "a", "a/", "a/c", "a/c/", "a/c/d", "zz/1/2", "zz/1/2/3", "\xC3", "x", "a//", "/", "//",
                             "a/c/d/", "b/", "..", "a/../a", "\xFF"})
    ExpectListing(*store, *keys, {.prefix = prefix});
}

void FoldsFolders(BlobStoreHarness& h) {
  const auto keys = Store(h);
  ASSERT_EQ(CodeOf(keys), "ok");
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const char* prefix : {"", "a", "a/", "a/c", "a/c/", "zz", "zz/", "zz/1/2", "x"})
    ExpectListing(*store, *keys, {.prefix = prefix, .fold_folders = true});
  const auto page = store->List({.prefix = "a/", .fold_folders = true});
  ASSERT_EQ(CodeOf(page), "ok");
  EXPECT_EQ(page->folders, (std::vector<std::string>{"a/c-d/", "a/c/"}));
}

void ListsAfterAnyText(BlobStoreHarness& h) {
  const auto keys = Store(h);
  ASSERT_EQ(CodeOf(keys), "ok");
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const bool fold : {false, true}) {
    for (const std::string& key : *keys) {
      ExpectListing(*store, *keys, {.start_after = key, .fold_folders = fold});
      ExpectListing(*store, *keys, {.start_after = key + "!", .fold_folders = fold});
      ExpectListing(*store, *keys, {.prefix = "a/", .start_after = key, .fold_folders = fold});
    }
    for (const char* text : {"a", "a/", "a/c", "a/c/", "zz/1/2/", "zzz", "\xF4\x8F\xBF\xBF"})
      ExpectListing(*store, *keys, {.start_after = text, .fold_folders = fold});
  }
}

void RefusesImpossibleLimits(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  EXPECT_EQ(CodeOf(store->List({.limit = 0})), "invalid_argument");
  EXPECT_EQ(CodeOf(store->List({.limit = 1001})), "invalid_argument");
  EXPECT_EQ(CodeOf(store->List({.limit = 1000})), "ok");
}

constexpr BlobStoreCase kCases[] = {
    {"ListsInByteOrder", ListsInByteOrder},   {"PagesWithEveryLimit", PagesWithEveryLimit},
    {"ListsByPrefix", ListsByPrefix},         {"FoldsFolders", FoldsFolders},
    {"ListsAfterAnyText", ListsAfterAnyText}, {"RefusesImpossibleLimits", RefusesImpossibleLimits},
};

}  // namespace

std::span<const BlobStoreCase> BlobListCases() { return kCases; }

}  // namespace seshat::conformance
