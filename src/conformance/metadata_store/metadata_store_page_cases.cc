#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/metadata_store/metadata_store_cases.h"
#include "ports/search_request.h"

namespace seshat::conformance {
namespace {

void NewestComeFirst(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("b", {}, 5), Session("a", {}, 5), Session("c", {}, 9), Session("d", {}, 1)})) return;
  EXPECT_EQ(Found(h.store(), ""), "c a b d");
}

// Every session that was there at the start comes once, in order; those added on the way may or may not.
void PagesStayStableWhileDocumentsAreAdded(MetadataStoreHarness& h) {
  constexpr int kSessions = 25;
  for (int i = 0; i < kSessions; ++i)
    if (!Put(h.store(), {Session(fmt::format("s{:02}", i), {{"n", std::to_string(i % 4)}}, i / 2)})) return;
  for (const auto by : {SortOrder::By::kNewest, SortOrder::By::kField}) {
    SearchRequest request;
    request.sort = {by, by == SortOrder::By::kField ? "n" : "", true};
    request.limit = 4;
    std::vector<std::string> seen;
    for (int pages = 0; pages < 50; ++pages) {
      const auto page = h.store().Search(request);
      ASSERT_TRUE(page.has_value()) << page.error().ToString();
      for (const auto& hit : page->hits)
        if (hit.document.session_id.starts_with('s')) seen.push_back(hit.document.session_id);
      // One before everything, one behind, one in the middle.
      const auto name = fmt::format("x{}-{}", static_cast<int>(by), pages);
      if (!Put(h.store(), {Session(name + "a", {{"n", "9"}}, 90), Session(name + "b", {}, 0),
                           Session(name + "c", {{"n", "2"}}, 6)}))
        return;
      request.cursor = page->next_cursor;
      if (request.cursor.empty()) break;
    }
    EXPECT_EQ(seen.size(), static_cast<size_t>(kSessions));
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), static_cast<size_t>(kSessions));
  }
}

void SortsByAField(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("ten", {{"k", "10"}}), Session("nine", {{"k", "9"}}),
                       Session("day", {{"k", "2026-11-23"}}), Session("word", {{"k", "Alpha"}}), Session("none", {}, 9),
                       Session("beta", {{"k", "beta"}}), Session("two", {{"k", "50"}, {"k", "1"}, {"k", "text"}})}))
    return;
  SearchRequest request;
  request.sort = {SortOrder::By::kField, "K", false};
  auto page = h.store().Search(request);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(IdsOf(*page), "two nine ten day word beta none");
  request.sort.descending = true;
  page = h.store().Search(request);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(IdsOf(*page), "two ten nine day beta word none");
}

void SortsByTheSizeOfAQuantity(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"v", "500 mV"}}), Session("b", {{"v", "3 V"}}), Session("c", {{"v", "0.1 kV"}}),
                       Session("d", {{"v", "20"}})}))
    return;
  SearchRequest request;
  request.sort = {SortOrder::By::kField, "v", false};
  const auto page = h.store().Search(request);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(IdsOf(*page), "a b d c");
}

void ACursorOfAnotherQueryIsRefused(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "1"}}), Session("b", {{"n", "1"}}), Session("c", {{"n", "1"}})})) return;
  SearchRequest request;
  request.limit = 1;
  const auto page = h.store().Search(request);
  ASSERT_TRUE(page.has_value());
  ASSERT_FALSE(page->next_cursor.empty());
  SearchRequest other = request;
  other.query = Parsed("n:1");
  other.cursor = page->next_cursor;
  SearchRequest sorted = request;
  sorted.sort = {SortOrder::By::kField, "n", false};
  sorted.cursor = page->next_cursor;
  SearchRequest nonsense = request;
  nonsense.cursor = "nonsense";
  for (const auto& wrong : {other, sorted, nonsense}) {
    const auto refused = h.store().Search(wrong);
    ASSERT_FALSE(refused.has_value()) << wrong.cursor;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

void TotalsCountEveryHit(MetadataStoreHarness& h) {
  for (int i = 0; i < 7; ++i)
    if (!Put(h.store(), {Session(fmt::format("s{}", i), {{"odd", i % 2 == 1 ? "yes" : "no"}}, i)})) return;
  SearchRequest request;
  for (const size_t limit : {0, 2, 100}) {
    request.limit = limit;
    request.query = Parsed("odd = no");
    const auto page = h.store().Search(request);
    ASSERT_TRUE(page.has_value());
    EXPECT_LE(page->total, 4U);
    EXPECT_TRUE(!page->total_is_exact || page->total == 4U);
    EXPECT_EQ(page->hits.size(), std::min<size_t>(limit, 4));
    EXPECT_EQ(page->next_cursor.empty(), limit != 2);
  }
}

void FacetsCountSessions(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"rig", "x"}, {"rig", "x"}, {"rig", "y"}}), Session("b", {{"Rig", "y"}}),
                       Session("c", {{"rig", "Y"}}), Session("d", {}), Session("e", {{"rig", "z"}, {"skip", "1"}})}))
    return;
  SearchRequest request;
  request.query = Parsed("not skip:1");
  request.limit = 1;
  request.facets = {"rig", "state", "nowhere"};
  request.facet_values = 2;
  const auto page = h.store().Search(request);
  if (!h.store().capabilities().facets) {
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kUnsupported);
    return;
  }
  ASSERT_TRUE(page.has_value());
  std::string text;
  for (const auto& facet : page->facets) {
    text += fmt::format("{}:", facet.field);
    for (const auto& value : facet.values) text += fmt::format(" {}={}", value.value, value.count);
    text += fmt::format(" missing={}; ", facet.missing);
  }
  EXPECT_EQ(text, "rig: y=2 Y=1 missing=1; state: complete=4 missing=0; nowhere: missing=4; ");
}

void RelevanceAsCapabilitiesSay(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"notes", "motor motor motor"}}), Session("b", {{"notes", "motor"}})})) return;
  SearchRequest request;
  request.query = Parsed("motor");
  request.sort.by = SortOrder::By::kRelevance;
  const auto page = h.store().Search(request);
  if (!h.store().capabilities().relevance) {
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kUnsupported);
    return;
  }
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->hits.size(), 2U);
  EXPECT_GT(page->hits[0].score, page->hits[1].score);
  EXPECT_GT(page->hits[1].score, 0);
  EXPECT_EQ(page->ranked_newest, 0U);  // so few are all ranked
  // Page by page, each comes once.
  request.limit = 1;
  const auto first = h.store().Search(request);
  ASSERT_TRUE(first.has_value());
  request.cursor = first->next_cursor;
  const auto second = h.store().Search(request);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(IdsOf(*first) + " " + IdsOf(*second), IdsOf(*page));
}

SearchRequest Ranked(std::string_view query) {
  SearchRequest request;
  request.query = Parsed(query);
  request.sort.by = SortOrder::By::kRelevance;
  return request;
}

void TheBestComeFirst(MetadataStoreHarness& h) {
  if (!h.store().capabilities().relevance) return;
  if (!Put(h.store(), {Session("a", {{"notes", "motor fault"}}), Session("b", {{"notes", "motor noise"}}, 3),
                       Session("c", {{"notes", "motor motor motor motor"}}),
                       Session("d", {{"notes", "motor noise"}}, 5), Session("e", {{"notes", "quiet day"}})}))
    return;
  const auto ids = [&](std::string_view query) {
    const auto page = h.store().Search(Ranked(query));
    return page ? IdsOf(*page) : page.error().ToString();
  };
  EXPECT_EQ(ids("motor or fault").substr(0, 1), "a");  // the rare word
  EXPECT_EQ(ids("motor and not fault"), "c d b");      // often; equal ones newest first
  EXPECT_EQ(ids("notes:motor^50 or fault").substr(0, 1), "c");
  EXPECT_EQ(ids("notes:noise"), "d b");
  EXPECT_EQ(ids("_exists_:notes and started_at < 2026-11-23T00:04:00Z").size(), 7U);  // nothing to rank by
}

// Scores change with every session that comes, also with one that does not match.
void RankedPagesStayStableWhileDocumentsAreAdded(MetadataStoreHarness& h) {
  if (!h.store().capabilities().relevance) return;
  constexpr int kSessions = 25;
  constexpr const char* kNotes[] = {"motor", "motor fault", "motor motor motor", "fault"};
  for (int i = 0; i < kSessions; ++i)
    if (!Put(h.store(), {Session(fmt::format("s{:02}", i), {{"notes", kNotes[i % 4]}}, i / 2)})) return;
  auto request = Ranked("motor or fault");
  request.limit = 4;
  if (h.store().capabilities().facets) request.facets = {"notes"};
  std::vector<std::string> seen;
  for (int pages = 0; pages < 50; ++pages) {
    const auto page = h.store().Search(request);
    ASSERT_TRUE(page.has_value()) << page.error().ToString();
    EXPECT_GE(page->total, static_cast<uint64_t>(kSessions));  // of all hits, on every page
    for (const auto& facet : page->facets) EXPECT_EQ(facet.missing, 0U);
    for (const auto& hit : page->hits)
      if (hit.document.session_id.starts_with('s')) seen.push_back(hit.document.session_id);
    request.cursor = page->next_cursor;
    if (request.cursor.empty()) break;
    if (pages > 4) continue;
    const auto name = fmt::format("x{}", pages);
    if (!Put(h.store(), {Session(name + "a", {{"notes", "fault fault"}}, 90), Session(name + "b", {}, 0),
                         Session(name + "c", {{"notes", "motor"}}, 6)}))
      return;
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(kSessions));
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), static_cast<size_t>(kSessions));
}

// What follows the ranked ones does so newest first, and nothing twice.
void BehindTheRankedOnesTheOthersFollow(MetadataStoreHarness& h) {
  if (!h.store().capabilities().relevance) return;
  constexpr int kSessions = static_cast<int>(kMaxShownRanked) + 30;
  std::vector<SessionDocument> documents;
  for (int i = 0; i < kSessions; ++i)
    documents.push_back(Session(fmt::format("s{:04}", i), {{"notes", i % 2 == 0 ? "motor" : "motor motor"}}, i));
  ASSERT_TRUE(h.store().Upsert(documents));
  auto request = Ranked("motor");
  request.limit = kMaxShownRanked / 2;
  std::vector<std::string> seen;
  std::vector<std::string> last;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = h.store().Search(request);
    ASSERT_TRUE(page.has_value()) << page.error().ToString();
    EXPECT_EQ(page->total, static_cast<uint64_t>(kSessions));
    last.clear();
    for (const auto& hit : page->hits) last.push_back(hit.document.session_id);
    seen.insert(seen.end(), last.begin(), last.end());
    request.cursor = page->next_cursor;
    if (request.cursor.empty()) break;
    request.limit = seen.size() >= kMaxShownRanked ? 20 : request.limit;
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(kSessions));
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), static_cast<size_t>(kSessions));
  EXPECT_EQ(last.size(), 10U);
  EXPECT_TRUE(std::ranges::is_sorted(last, std::ranges::greater{}));
}

constexpr MetadataCase kCases[] = {
    {"NewestComeFirst", NewestComeFirst},
    {"PagesStayStableWhileDocumentsAreAdded", PagesStayStableWhileDocumentsAreAdded},
    {"SortsByAField", SortsByAField},
    {"SortsByTheSizeOfAQuantity", SortsByTheSizeOfAQuantity},
    {"ACursorOfAnotherQueryIsRefused", ACursorOfAnotherQueryIsRefused},
    {"TotalsCountEveryHit", TotalsCountEveryHit},
    {"FacetsCountSessions", FacetsCountSessions},
    {"RelevanceAsCapabilitiesSay", RelevanceAsCapabilitiesSay},
    {"TheBestComeFirst", TheBestComeFirst},
    {"RankedPagesStayStableWhileDocumentsAreAdded", RankedPagesStayStableWhileDocumentsAreAdded},
    {"BehindTheRankedOnesTheOthersFollow", BehindTheRankedOnesTheOthersFollow},
};

}  // namespace

std::span<const MetadataCase> MetadataPageCases() { return kCases; }

}  // namespace seshat::conformance
