#include "adapters/sqlite_metadata_store/searcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "adapters/sqlite_metadata_store/document_codec.h"
#include "adapters/sqlite_metadata_store/facet_counter.h"
#include "adapters/sqlite_metadata_store/field_order.h"
#include "adapters/sqlite_metadata_store/relevance.h"
#include "core/base/bytes.h"
#include "core/query/query_parser.h"
#include "platform/search_segment/segment_query.h"

namespace seshat::sqlite_metadata_store {
namespace {

// How the stages of one search went.
class StageTimer {
 public:
  explicit StageTimer(SearchExplanation& explanation) : explanation_(explanation) {}
  void Note(std::string name) {
    const auto now = std::chrono::steady_clock::now();
    explanation_.stages.push_back({std::move(name), now - std::exchange(last_, now)});
  }

 private:
  SearchExplanation& explanation_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

class Searcher {
 public:
  Searcher(sqlite::Database& db, const IndexView& view, const SearchRequest& request,
           const std::optional<SortKey>& after, const SearchBounds& bounds)
      : db_(db), view_(view), request_(request), after_(after), bounds_(bounds) {
    matches_.view = &view;
  }

  Result<SearchPage> Run() {
    SESHAT_ASSIGN(aliases_, FieldAliases::Make(request_.aliases));
    SearchExplanation explanation{.engine = "sqlite", .request = Describe(), .stages = {}};
    StageTimer timer(explanation);
    SESHAT_TRY(Match());
    page_.total = matches_.total();
    timer.Note("match");
    auto rows = request_.limit == 0 ? std::vector<OrderedRow>() : Rows();
    timer.Note("order");
    SESHAT_TRY(AddHits(rows));
    timer.Note("documents");
    for (const auto& field : request_.facets) {
      auto facet = CountFacet(matches_, aliases_.Group(field), request_.facet_values);
      facet.field = field;
      page_.facets.push_back(std::move(facet));
    }
    timer.Note("facets");
    for (const auto& histogram : request_.histograms)
      page_.histograms.push_back(CountBars(matches_, aliases_.Group(histogram.field), histogram));
    timer.Note("histograms");
    if (request_.explain) page_.explanation = std::move(explanation);
    return std::move(page_);
  }

 private:
  bool by_relevance() const { return request_.sort.by == SortOrder::By::kRelevance; }
  bool descending() const { return by_relevance() || request_.sort.descending; }

  std::string Describe() const {
    return fmt::format("{}\non {} sessions in {} segments", query::PrintQuery(request_.query), view_.sessions(),
                       view_.segments.size());
  }

  Status Match() {
    SESHAT_ASSIGN(auto query, search_segment::SegmentQuery::Make(request_.query, aliases_));
    query_ = std::make_unique<search_segment::SegmentQuery>(std::move(query));
    if (by_relevance()) traces_.resize(view_.segments.size());
    for (size_t s = 0; s < view_.segments.size(); ++s) {
      const auto& segment = view_.segments[s];
      matches_.Add(query_->Run(*segment.segment, *segment.live, by_relevance() ? &traces_[s] : nullptr));
      // Most of what a search reads it has read now.
      if (bounds_.release_memory && segment.file != nullptr) segment.file->Release();
    }
    return {};
  }

  // The rows behind the cursor, in order, one more than wanted where there are as many.
  std::vector<OrderedRow> Rows() {
    if (by_relevance()) {
      auto ranking = RankNewest(matches_, *query_, traces_, bounds_.most_ranked, after_, request_.limit + 1);
      if (ranking.ranked < page_.total) page_.ranked_newest = ranking.ranked;
      return std::move(ranking.rows);
    }
    if (request_.sort.by == SortOrder::By::kNewest) return NewestRows(after_ ? &*after_ : nullptr, request_.limit + 1);
    std::vector<OrderedRow> rows;
    const auto fields = aliases_.Group(request_.sort.field);
    for (size_t s = 0; s < matches_.found.size(); ++s) {
      auto more = OrderByField(matches_, s, fields, descending(), after_, request_.limit + 1);
      std::ranges::move(more, std::back_inserter(rows));
    }
    Sort(rows);
    return rows;
  }

  void Sort(std::vector<OrderedRow>& rows) const {
    const size_t kept = std::min(request_.limit + 1, rows.size());
    std::ranges::partial_sort(
        rows, rows.begin() + static_cast<std::ptrdiff_t>(kept),
        [&](const OrderedRow& a, const OrderedRow& b) { return ComesBefore(a.key, b.key, descending()); });
    rows.resize(kept);
  }

  std::vector<OrderedRow> NewestRows(const SortKey* after, size_t limit) const {
    std::vector<OrderedRow> rows;
    for (NewestWalk walk(matches_, after); !walk.at_end() && rows.size() < limit; walk.Next()) {
      const auto place = walk.place();
      rows.push_back({place, NewestKey(*view_.segments[place.segment].segment, place.doc)});
    }
    return rows;
  }

  Status AddHits(const std::vector<OrderedRow>& rows) {
    const size_t count = std::min(request_.limit, rows.size());
    SESHAT_ASSIGN(auto read, db_.Prepare("SELECT document FROM session WHERE sid = ?"));
    for (size_t i = 0; i < count; ++i) {
      const auto& place = rows[i].place;
      const auto sid = static_cast<int64_t>(view_.segments[place.segment].segment->sids()[place.doc]);
      SESHAT_ASSIGN(const bool there, read.Bind(sid).Step());
      if (!there) return Fail(ErrorCode::kDataLoss, "a session that was found is not there");
      SESHAT_ASSIGN(auto document, UnpackDocument(AsText(read.Blob(0))));
      page_.hits.push_back({std::move(document), by_relevance() ? rows[i].key.number : 0});
      read.Reset();
    }
    if (rows.size() > count && count > 0)
      page_.next_cursor = by_relevance() ? EncodeRankedCursor(request_, after_, page_.hits, rows[count - 1].key)
                                         : EncodeCursor(request_, rows[count - 1].key);
    return {};
  }

  sqlite::Database& db_;
  const IndexView& view_;
  const SearchRequest& request_;
  const std::optional<SortKey>& after_;
  const SearchBounds bounds_;
  FieldAliases aliases_;
  Matches matches_;
  std::unique_ptr<search_segment::SegmentQuery> query_;
  Traces traces_;
  SearchPage page_;
};

}  // namespace

Result<SearchPage> RunSearch(sqlite::Database& db, const IndexView& view, const SearchRequest& request,
                             const std::optional<SortKey>& after, const SearchBounds& bounds) {
  return Searcher(db, view, request, after, bounds).Run();
}

}  // namespace seshat::sqlite_metadata_store
