#include "ports/reference/reference_metadata_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "core/query/document_fields.h"
#include "core/query/query_evaluator.h"
#include "core/query/query_parser.h"
#include "ports/field_collector.h"
#include "ports/reference/relevance_scorer.h"
#include "ports/search_request.h"

namespace seshat::reference {
namespace {

using DocumentPointer = std::shared_ptr<const SessionDocument>;

// The values of one field in each hit.
using Values = std::vector<std::vector<MetadataValue>>;

Values ValuesOfHits(const std::vector<DocumentPointer>& hits, const std::vector<std::string>& group) {
  Values values;
  for (const auto& hit : hits) values.push_back(query::ValuesOf(query::FieldValues(*hit), group));
  return values;
}

Facet CountFacet(const Values& values_of_hits, const std::string& field, size_t most) {
  Facet facet;
  facet.field = field;
  std::map<std::string, uint64_t> counts;
  for (const auto& values : values_of_hits) {
    std::set<std::string> texts;
    for (const auto& value : values) texts.insert(value.text);
    if (texts.empty()) ++facet.missing;
    for (const auto& text : texts) ++counts[text];
  }
  for (const auto& [value, count] : counts) facet.values.push_back({value, count});
  std::ranges::stable_sort(facet.values, std::ranges::greater{}, &FacetValue::count);
  if (facet.values.size() > most) facet.values.resize(most);
  return facet;
}

class ReferenceMetadataStore : public MetadataStore {
 public:
  const Capabilities& capabilities() const override { return capabilities_; }

  Status Upsert(std::span<const SessionDocument> documents) override {
    const std::lock_guard lock(mutex_);
    for (const auto& document : documents) {
      auto& entry = entries_[document.session_id];
      entry.generation = generation_;
      const bool same_counts = !token_.empty();
      if (entry.document != nullptr &&
          (entry.document->version > document.version || (entry.document->version == document.version && !same_counts)))
        continue;
      entry.document = std::make_shared<const SessionDocument>(document);
    }
    return {};
  }

  Result<SessionDocument> Get(std::string_view session_id) override {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(session_id);
    if (found == entries_.end())
      return Fail(ErrorCode::kNotFound, fmt::format("no session '{}' in the metadata store", session_id));
    return *found->second.document;
  }

  Result<SearchPage> Search(const SearchRequest& request) override {
    SESHAT_TRY(CheckRequest(request, capabilities_));
    SESHAT_ASSIGN(const auto after, DecodeCursor(request));
    SESHAT_ASSIGN(const auto aliases, FieldAliases::Make(request.aliases));
    SESHAT_ASSIGN(const auto evaluator, QueryEvaluator::Make(request.query, aliases));
    std::vector<DocumentPointer> hits;
    for (auto& document : Documents())
      if (evaluator.Matches(*document)) hits.push_back(std::move(document));

    SearchPage page;
    page.total = hits.size();
    if (request.explain)
      page.explanation = {.engine = "evaluator", .request = query::PrintQuery(request.query), .stages = {}};
    for (const auto& field : request.facets)
      page.facets.push_back(CountFacet(ValuesOfHits(hits, aliases.Group(field)), field, request.facet_values));
    for (const auto& histogram : request.histograms)
      page.histograms.push_back(query::MakeHistogram(histogram, ValuesOfHits(hits, aliases.Group(histogram.field))));

    const bool by_relevance = request.sort.by == SortOrder::By::kRelevance;
    SESHAT_ASSIGN(const auto ordered,
                  by_relevance ? Ranked(request, aliases, after, hits) : Ordered(request, aliases, after, hits));
    const size_t count = std::min(request.limit, ordered.size());
    for (size_t i = 0; i < count; ++i) page.hits.push_back({*ordered[i].second, ordered[i].first.number});
    if (!by_relevance)
      for (auto& hit : page.hits) hit.score = 0;
    if (count > 0 && ordered.size() > count)
      page.next_cursor = by_relevance ? EncodeRankedCursor(request, after, page.hits, ordered[count - 1].first)
                                      : EncodeCursor(request, ordered[count - 1].first);
    return page;
  }

  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override {
    FieldCollector collector(options);
    for (const auto& document : Documents()) collector.Add(*document);
    return std::move(collector).Fields();
  }

  Result<IndexStatus> GetStatus() override {
    const std::lock_guard lock(mutex_);
    IndexStatus status;
    status.location = "memory";
    status.documents = entries_.size();
    status.rebuilding = !token_.empty();
    return status;
  }

  Result<std::string> BeginRebuild() override {
    const std::lock_guard lock(mutex_);
    token_ = fmt::format("rebuild-{}", ++generation_);
    return token_;
  }

  Status FinishRebuild(std::string_view token) override {
    const std::lock_guard lock(mutex_);
    if (token.empty() || token != token_)
      return Fail(ErrorCode::kNotFound, "no such rebuild: it is finished, or a newer one has begun");
    token_.clear();
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.generation < generation_; });
    return {};
  }

 private:
  struct Entry {
    DocumentPointer document;
    uint64_t generation = 0;
  };

  using Order = std::vector<std::pair<SortKey, DocumentPointer>>;

  static Result<Order> Ordered(const SearchRequest& request, const FieldAliases& aliases,
                               const std::optional<SortKey>& after, const std::vector<DocumentPointer>& hits) {
    Order ordered;
    const bool descending = request.sort.descending;
    for (const auto& hit : hits) {
      auto key = SortKeyOf(*hit, request.sort, aliases);
      if (!after || ComesBefore(*after, key, descending)) ordered.emplace_back(std::move(key), hit);
    }
    std::ranges::sort(ordered, [&](const auto& a, const auto& b) { return ComesBefore(a.first, b.first, descending); });
    return ordered;
  }

  // The best that have not been shown; those behind the ranked ones newest first.
  Result<Order> Ranked(const SearchRequest& request, const FieldAliases& aliases, const std::optional<SortKey>& after,
                       const std::vector<DocumentPointer>& hits) const {
    SESHAT_ASSIGN(const auto scorer, RelevanceScorer::Make(request.query, aliases, Documents()));
    const auto shown = ShownBefore(after);
    Order ordered;
    for (const auto& hit : hits) {
      if (shown.contains(hit->session_id)) continue;
      auto key = SortKeyOf(*hit, request.sort, aliases);
      if (!IsBehindRanked(after)) {
        key.group = SortKey::Group::kNumber;
        key.number = scorer.Score(*hit);
      } else if (!ComesBefore(*after, key, true)) {
        continue;
      }
      ordered.emplace_back(std::move(key), hit);
    }
    std::ranges::sort(ordered, [](const auto& a, const auto& b) { return ComesBefore(a.first, b.first, true); });
    return ordered;
  }

  std::vector<DocumentPointer> Documents() const {
    const std::lock_guard lock(mutex_);
    std::vector<DocumentPointer> documents;
    for (const auto& [id, entry] : entries_) documents.push_back(entry.document);
    return documents;
  }

  Capabilities capabilities_{
      .relevance = true, .wildcard = true, .fuzzy = true, .regex = true, .facets = true, .histograms = true};
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  uint64_t generation_ = 0;
  std::string token_;  // of the rebuild that is going on
};

}  // namespace

std::unique_ptr<MetadataStore> MakeReferenceMetadataStore() { return std::make_unique<ReferenceMetadataStore>(); }

}  // namespace seshat::reference
