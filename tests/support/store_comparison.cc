#include "support/store_comparison.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <span>
#include <utility>

#include "core/query/query_parser.h"
#include "ports/reference/reference_metadata_store.h"

namespace seshat::testing {
namespace {

HistogramRequest AnyHistogram(SearchMaker& maker) {
  HistogramRequest request{.field = maker.Field(), .buckets = 2 + maker.Below(30)};
  if (maker.Chance(3)) {
    request.of = HistogramRequest::Of::kDates;
  } else if (maker.Chance(2)) {
    request.unit = maker.Chance(2) ? "V" : "°C";
  }
  return request;
}

std::string Values(const std::vector<FacetValue>& all) {
  std::string text;
  for (const auto& value : all) text += fmt::format(" '{}'={}", value.value, value.count);
  return text;
}

std::string Describe(const Result<std::vector<FieldInfo>>& fields) {
  if (!fields) return fields.error().ToString();
  std::string text;
  for (const auto& f : *fields)
    text += fmt::format("{} {} {} {} {} {} {} units{} values{}\n", f.name, f.sessions, f.coverage, f.numbers, f.dates,
                        f.booleans, f.texts, Values(f.units), Values(f.top_values));
  return text;
}

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread starts
  return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

// One corpus in two stores.
class Comparison {
 public:
  Comparison(const ComparisonOptions& options, uint64_t seed)
      : options_(options),
        seed_(seed),
        maker_(seed),
        reference_(reference::MakeReferenceMetadataStore()),
        store_(options.make_store()) {}

  void Run() {
    const auto corpus = AnyCorpus(maker_, options_.sessions);
    for (std::span rest(corpus); !rest.empty();) {
      const auto part = rest.first(options_.in_parts ? 1 + maker_.Below(rest.size()) : rest.size());
      rest = rest.subspan(part.size());
      ASSERT_TRUE(reference_->Upsert(part));
      const auto stored = store_->Upsert(part);
      ASSERT_TRUE(stored) << stored.error().ToString();
    }
    sessions_ = reference_->Search({}).value().total;
    for (int i = 0; i < options_.searches && !::testing::Test::HasFatalFailure(); ++i)
      ThroughAllPages(AnyRequest(maker_));
    if (::testing::Test::HasFatalFailure()) return;
    for (const FieldsOptions& wanted :
         {FieldsOptions{},
          FieldsOptions{.names = {maker_.Field(), maker_.Field()}, .top_values = 3, .value_prefix = "P"}})
      ASSERT_EQ(Describe(store_->Fields(wanted)), Describe(reference_->Fields(wanted))) << "seed " << seed_;
  }

  int telling() const { return telling_; }  // searches that found some sessions but not all

 private:
  void ThroughAllPages(SearchRequest request) {
    for (int page = 0; page < 50; ++page) {
      const auto expected = reference_->Search(request);
      const auto found = store_->Search(request);
      ASSERT_EQ(testing::Describe(found), testing::Describe(expected)) << "seed " << seed_ << "\n"
                                                                       << testing::Describe(request);
      if (page == 0 && expected && expected->total > 0 && expected->total < sessions_) ++telling_;
      if (!expected || expected->next_cursor.empty()) return;
      for (size_t i = 0; i < expected->hits.size(); ++i)
        ASSERT_EQ(found->hits[i].document, expected->hits[i].document) << "seed " << seed_;
      request.cursor = expected->next_cursor;
    }
  }

  const ComparisonOptions& options_;
  const uint64_t seed_;
  SearchMaker maker_;
  std::unique_ptr<MetadataStore> reference_;
  std::unique_ptr<MetadataStore> store_;
  uint64_t sessions_ = 0;
  int telling_ = 0;
};

}  // namespace

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

std::string Describe(const SearchRequest& request) {
  auto text = fmt::format("{}\n  sort {} '{}'{}, limit {}, facets", query::PrintQuery(request.query),
                          static_cast<int>(request.sort.by), request.sort.field,
                          request.sort.descending ? " descending" : "", request.limit);
  for (const auto& facet : request.facets) text += " '" + facet + "'";
  for (const auto& h : request.histograms)
    text += fmt::format(", histogram of {} {} '{}' in '{}'", static_cast<int>(h.of), h.buckets, h.field, h.unit);
  for (const auto& alias : request.aliases) text += fmt::format(", {} = {}", alias.name, alias.others[0]);
  return text;
}

std::string Describe(const Result<SearchPage>& page) {
  if (!page) return page.error().ToString();
  auto text = fmt::format("{} hits:", page->total);
  for (const auto& hit : page->hits) text += " " + hit.document.session_id;
  for (const auto& facet : page->facets)
    text += fmt::format("\n  '{}' missing {}:{}", facet.field, facet.missing, Values(facet.values));
  for (const auto& histogram : page->histograms) {
    text += fmt::format("\n  '{}' missing {}:", histogram.field, histogram.missing);
    for (const auto& edge : histogram.edges) text += " " + edge.text;
    for (const auto count : histogram.counts) text += fmt::format(" {}", count);
  }
  return text + "\n  next " + page->next_cursor;
}

std::vector<SessionDocument> AnyCorpus(SearchMaker& maker, size_t sessions) {
  std::vector<SessionDocument> documents;
  for (size_t i = 1 + maker.Below(sessions + 5); i > 0; --i)
    documents.push_back(
        maker.AnyDocument(fmt::format("s-{}", maker.Below(sessions)), static_cast<uint32_t>(1 + maker.Below(3))));
  for (auto& document : documents)
    for (const auto& other : documents)
      if (other.session_id == document.session_id && other.version == document.version) {
        document = other;
        break;
      }
  return documents;
}

void CompareWithReference(const ComparisonOptions& options) {
  if (const uint64_t seed = FromEnvironment("SESHAT_SEARCH_SEED", 0); seed != 0) {
    Comparison(options, seed).Run();
    return;
  }
  const uint64_t corpora = FromEnvironment("SESHAT_SEARCH_ROUNDS", options.corpora);
  std::random_device device;
  const uint64_t first = (uint64_t{device()} << 16) + 1;
  std::cout << "seeds " << first << " to " << first + corpora - 1 << ", " << options.searches << " searches each\n";
  int telling = 0;
  for (uint64_t i = 0; i < corpora && !::testing::Test::HasFatalFailure(); ++i) {
    Comparison comparison(options, first + i);
    comparison.Run();
    telling += comparison.telling();
  }
  // Otherwise the generator has gone blind. A few corpora may be dull by chance.
  constexpr uint64_t kEnoughToTell = 20;
  if (corpora < kEnoughToTell || ::testing::Test::HasFailure()) return;
  EXPECT_GT(static_cast<uint64_t>(telling) * 5, corpora * static_cast<uint64_t>(options.searches));
}

}  // namespace seshat::testing
