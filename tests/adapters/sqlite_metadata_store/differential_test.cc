// Random corpora and random queries: the SQLite store answers exactly what the reference answers.
//
// A failure prints its seed; SESHAT_SEARCH_SEED=<seed> runs that corpus alone, SESHAT_SEARCH_ROUNDS=<n> more of
// them than usual.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "adapters/memory_metadata_store/memory_metadata_store.h"
#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "core/query_parser.h"
#include "support/search_maker.h"
#include "support/temp_dir.h"

namespace seshat {
namespace {

using testing::SearchMaker;
using testing::TempDir;

std::string Describe(const SearchRequest& request) {
  auto text = fmt::format("{}\n  sort {} '{}'{}, limit {}, facets", PrintQuery(request.query),
                          static_cast<int>(request.sort.by), request.sort.field,
                          request.sort.descending ? " descending" : "", request.limit);
  for (const auto& facet : request.facets) text += " '" + facet + "'";
  for (const auto& h : request.histograms)
    text +=
        fmt::format(", histogram of {} {} '{}' in '{}'", static_cast<int>(h.of), h.buckets, h.field, h.unit);
  for (const auto& alias : request.aliases) text += fmt::format(", {} = {}", alias.name, alias.others[0]);
  return text;
}

std::string Describe(const Result<SearchPage>& page) {
  if (!page) return page.error().ToString();
  auto text = fmt::format("{} hits:", page->total);
  for (const auto& hit : page->hits) text += " " + hit.document.session_id;
  for (const auto& facet : page->facets) {
    text += fmt::format("\n  '{}' missing {}:", facet.field, facet.missing);
    for (const auto& value : facet.values) text += fmt::format(" '{}'={}", value.value, value.count);
  }
  for (const auto& histogram : page->histograms) {
    text += fmt::format("\n  '{}' missing {}:", histogram.field, histogram.missing);
    for (const auto& edge : histogram.edges) text += " " + edge.text;
    for (const auto count : histogram.counts) text += fmt::format(" {}", count);
  }
  return text + "\n  next " + page->next_cursor;
}

HistogramRequest AnyHistogram(SearchMaker& maker) {
  HistogramRequest request{.field = maker.Field(), .buckets = 2 + maker.Below(30)};
  if (maker.Chance(3)) {
    request.of = HistogramRequest::Of::kDates;
  } else if (maker.Chance(2)) {
    request.unit = maker.Chance(2) ? "V" : "°C";
  }
  return request;
}

SearchRequest AnyRequest(SearchMaker& maker) {
  SearchRequest request;
  request.query = maker.AnyQuery();
  if (maker.Chance(3)) {
    request.sort.by = SortOrder::By::kField;
    request.sort.field = maker.Field();
    request.sort.descending = maker.Chance(2);
  }
  request.limit = maker.Chance(4) ? 100 : maker.Below(5);
  while (maker.Chance(2)) request.facets.push_back(maker.Field());
  request.facet_values = maker.Chance(2) ? 10 : maker.Below(4);
  if (maker.Chance(4)) request.histograms.push_back(AnyHistogram(maker));
  if (maker.Chance(4)) {
    FieldAlias alias{maker.Field(), {maker.Field()}};
    request.aliases.push_back(std::move(alias));
  }
  return request;
}

class DifferentialTest : public ::testing::Test {
 protected:
  // Both stores through all pages.
  void Compare(SearchRequest request) {
    for (int page = 0; page < 50; ++page) {
      const auto expected = reference_->Search(request);
      const auto found = store_->Search(request);
      ASSERT_EQ(Describe(found), Describe(expected)) << "seed " << seed_ << "\n" << Describe(request);
      if (page == 0) ++queries_;
      if (page == 0 && expected && expected->total > 0 && expected->total < sessions_) ++telling_;
      if (!expected || expected->next_cursor.empty()) return;
      for (size_t i = 0; i < expected->hits.size(); ++i)
        ASSERT_EQ(found->hits[i].document, expected->hits[i].document) << "seed " << seed_;
      request.cursor = expected->next_cursor;
    }
  }

  void CompareFields(const FieldsOptions& options) {
    const auto expected = reference_->Fields(options).value();
    const auto found = store_->Fields(options).value();
    const auto values = [](const std::vector<FacetValue>& all) {
      std::string text;
      for (const auto& value : all) text += fmt::format(" '{}'={}", value.value, value.count);
      return text;
    };
    const auto describe = [&](const std::vector<FieldInfo>& fields) {
      std::string text;
      for (const auto& f : fields)
        text += fmt::format("{} {} {} {} {} {} {} units{} values{}\n", f.name, f.sessions, f.coverage,
                            f.numbers, f.dates, f.booleans, f.texts, values(f.units), values(f.top_values));
      return text;
    };
    EXPECT_EQ(describe(found), describe(expected)) << "seed " << seed_;
  }

  void RunCorpus(uint64_t seed, int queries) {
    seed_ = seed;
    SearchMaker maker(seed);
    const TempDir dir;
    reference_ = MakeMemoryMetadataStore();
    store_ = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
    // Some sessions come again, newer, older or the same.
    std::vector<SessionDocument> documents;
    for (size_t i = 1 + maker.Below(25); i > 0; --i)
      documents.push_back(
          maker.AnyDocument(fmt::format("s-{}", maker.Below(20)), static_cast<uint32_t>(1 + maker.Below(3))));
    // Equal versions are equal documents: that is the caller's side of the contract.
    for (auto& document : documents)
      for (const auto& other : documents)
        if (other.session_id == document.session_id && other.version == document.version) {
          document = other;
          break;
        }
    ASSERT_TRUE(reference_->Upsert(documents));
    ASSERT_TRUE(store_->Upsert(documents));
    sessions_ = reference_->Search({}).value().total;
    for (int i = 0; i < queries && !HasFatalFailure(); ++i) Compare(AnyRequest(maker));
    if (HasFatalFailure()) return;
    CompareFields({});
    CompareFields({.names = {maker.Field(), maker.Field()}, .top_values = 3, .value_prefix = "P"});
  }

  uint64_t seed_ = 0;
  uint64_t sessions_ = 0;
  int queries_ = 0;
  int telling_ = 0;  // that found some sessions but not all
  std::unique_ptr<MetadataStore> reference_;
  std::unique_ptr<MetadataStore> store_;
};

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread starts
  return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

TEST_F(DifferentialTest, SqliteAnswersWhatTheReferenceAnswers) {
  constexpr int kQueries = 110;
  const uint64_t one = FromEnvironment("SESHAT_SEARCH_SEED", 0);
  if (one != 0) {
    RunCorpus(one, kQueries);
    return;
  }
  const uint64_t rounds = FromEnvironment("SESHAT_SEARCH_ROUNDS", 30);
  std::random_device device;
  const uint64_t first = (uint64_t{device()} << 16) + 1;
  std::cout << "seeds " << first << " to " << first + rounds - 1 << ", " << kQueries << " queries each\n";
  for (uint64_t i = 0; i < rounds && !HasFatalFailure(); ++i) RunCorpus(first + i, kQueries);
  // Otherwise the generator has gone blind.
  EXPECT_GT(telling_ * 5, queries_);
}

}  // namespace
}  // namespace seshat
