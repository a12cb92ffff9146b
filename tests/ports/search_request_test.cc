#include "ports/search_request.h"

#include <gtest/gtest.h>

#include <string>

#include "core/query/query_parser.h"

namespace seshat {
namespace {

constexpr MetadataStore::Capabilities kAll{
    .relevance = true, .wildcard = true, .fuzzy = true, .regex = true, .facets = true, .histograms = true};

SearchRequest Request(const std::string& query) {
  SearchRequest request;
  request.query = query::ParseQuery(query).value();
  return request;
}

TEST(CheckRequest, RefusesWhatAStoreCannotDo) {
  struct Row {
    const char* query;
    bool MetadataStore::Capabilities::* needs;
  };
  constexpr Row kRows[] = {{"mot*", &MetadataStore::Capabilities::wildcard},
                           {"not (a and rig:m?tor)", &MetadataStore::Capabilities::wildcard},
                           {"motor~", &MetadataStore::Capabilities::fuzzy},
                           {"a or /mo.or/", &MetadataStore::Capabilities::regex}};
  for (const auto& row : kRows) {
    EXPECT_TRUE(CheckRequest(Request(row.query), kAll)) << row.query;
    auto less = kAll;
    less.*row.needs = false;
    const auto status = CheckRequest(Request(row.query), less);
    ASSERT_FALSE(status) << row.query;
    EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
  }
  auto request = Request("motor");
  request.sort.by = SortOrder::By::kRelevance;
  request.facets = {"rig"};
  EXPECT_TRUE(CheckRequest(request, kAll));
  for (const auto needs : {&MetadataStore::Capabilities::relevance, &MetadataStore::Capabilities::facets}) {
    auto less = kAll;
    less.*needs = false;
    EXPECT_FALSE(CheckRequest(request, less));
  }
}

TEST(CheckRequest, RefusesWhatHasNoMeaning) {
  auto request = Request("");
  request.limit = kMaxSearchLimit;
  EXPECT_TRUE(CheckRequest(request, kAll));
  request.limit = kMaxSearchLimit + 1;
  EXPECT_EQ(CheckRequest(request, kAll).error().code, ErrorCode::kInvalidArgument);
  request = Request("");
  request.sort.by = SortOrder::By::kField;
  EXPECT_EQ(CheckRequest(request, kAll).error().code, ErrorCode::kInvalidArgument);
}

SortKey KeyOf(std::initializer_list<const char*> values, bool descending) {
  SortKey key;
  for (const char* value : values) key.Offer(metadata::TypeValue(value), descending);
  return key;
}

TEST(SortKey, NumbersThenDatesThenTextsThenNothing) {
  const SortKey rising[] = {KeyOf({"1"}, false),     KeyOf({"2"}, false),    KeyOf({"2026-11-23"}, false),
                            KeyOf({"alpha"}, false), KeyOf({"BETA"}, false), KeyOf({}, false)};
  for (size_t a = 0; a < std::size(rising); ++a)
    for (size_t b = 0; b < std::size(rising); ++b) EXPECT_EQ(ComesBefore(rising[a], rising[b], false), a < b);
  EXPECT_TRUE(ComesBefore(rising[1], rising[0], true));
  EXPECT_TRUE(ComesBefore(rising[0], rising[5], true)) << "sessions without the field come last in both directions";
}

TEST(SortKey, OfSeveralValuesTheFirstCounts) {
  EXPECT_EQ(KeyOf({"5", "1", "text"}, false).number, 1);
  EXPECT_EQ(KeyOf({"5", "1", "text"}, true).number, 5);
  EXPECT_EQ(KeyOf({"b", "a"}, false).text, "a");
}

TEST(SortKey, TiesAreNewestFirstThenById) {
  SortKey old = KeyOf({"1"}, false);
  SortKey young = old;
  young.started_at = Timestamp{std::chrono::seconds{5}};
  EXPECT_TRUE(ComesBefore(young, old, false));
  EXPECT_TRUE(ComesBefore(young, old, true));
  SortKey other = old;
  old.session_id = "a";
  other.session_id = "b";
  EXPECT_TRUE(ComesBefore(old, other, false));
  EXPECT_FALSE(ComesBefore(other, old, false));
}

TEST(Cursor, ComesBackAsItWas) {
  auto request = Request("rig:a");
  request.sort = {.by = SortOrder::By::kField, .field = "temp", .descending = true};
  SortKey key;
  key.group = SortKey::Group::kText;
  key.number = -0.1;
  key.date = Timestamp{std::chrono::nanoseconds{-7}};
  key.text = std::string("a.b\0c", 5);
  key.started_at = Timestamp{std::chrono::nanoseconds{INT64_MAX}};
  key.session_id = "run.1";
  key.shown = {"x", "run.1"};
  request.cursor = EncodeCursor(request, key);
  const auto back = DecodeCursor(request);
  ASSERT_TRUE(back && *back);
  EXPECT_EQ((*back)->group, key.group);
  EXPECT_EQ((*back)->number, key.number);
  EXPECT_EQ((*back)->date, key.date);
  EXPECT_EQ((*back)->text, key.text);
  EXPECT_EQ((*back)->started_at, key.started_at);
  EXPECT_EQ((*back)->session_id, key.session_id);
  EXPECT_EQ((*back)->shown, key.shown);
  request.cursor.clear();
  EXPECT_FALSE(DecodeCursor(request).value());
}

TEST(Cursor, BelongsToItsQueryAndOrder) {
  auto request = Request("rig:a");
  const auto cursor = EncodeCursor(request, {});
  SearchRequest others[] = {Request("rig:b"), Request("rig:a"), Request("rig:a")};
  others[1].sort.by = SortOrder::By::kRelevance;
  others[2].aliases = {{"rig", {"bench"}}};
  for (auto& other : others) {
    other.cursor = cursor;
    const auto back = DecodeCursor(other);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Cursor, GarbageIsRefused) {
  auto request = Request("");
  const auto good = EncodeCursor(request, {});
  std::vector<std::string> bad = {"x", "2", "........", "1" + good.substr(1), good + ".", good + "0", good.substr(1)};
  for (size_t size = 1; size < good.size(); ++size) bad.push_back(good.substr(0, size));
  for (const auto& cursor : bad) {
    request.cursor = cursor;
    const auto back = DecodeCursor(request);
    // A cut within the last number can be one, of another place.
    if (!back) {
      EXPECT_EQ(back.error().code, ErrorCode::kInvalidArgument) << cursor;
    }
  }
  request.cursor = "x";
  EXPECT_FALSE(DecodeCursor(request));
}

TEST(RankedCursor, RemembersWhatWasShown) {
  auto request = Request("motor");
  request.sort.by = SortOrder::By::kRelevance;
  SearchHit hit;
  hit.document.session_id = "a";
  SortKey last;
  last.group = SortKey::Group::kNumber;
  request.cursor = EncodeRankedCursor(request, std::nullopt, {hit}, last);
  auto after = DecodeCursor(request).value();
  EXPECT_FALSE(IsBehindRanked(after));
  EXPECT_EQ(ShownBefore(after), (std::set<std::string_view>{"a"}));
  hit.document.session_id = "b";
  last.group = SortKey::Group::kMissing;
  request.cursor = EncodeRankedCursor(request, after, {hit}, last);
  after = DecodeCursor(request).value();
  EXPECT_TRUE(IsBehindRanked(after));
  EXPECT_EQ(ShownBefore(after), (std::set<std::string_view>{"a", "b"}));
  EXPECT_TRUE(ShownBefore(std::nullopt).empty());
}

}  // namespace
}  // namespace seshat
