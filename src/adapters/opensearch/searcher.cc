#include "adapters/opensearch/searcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "adapters/opensearch/aggregations.h"
#include "adapters/opensearch/hits.h"
#include "adapters/opensearch/index_terms.h"
#include "adapters/opensearch/query_compiler.h"
#include "core/query/document_fields.h"
#include "core/query/query_evaluator.h"
#include "ports/reference/reference_metadata_store.h"
#include "ports/search_request.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

std::string Nested(std::string_view a, std::string_view b) {
  return fmt::format(R"({{"nested":{{"path":"meta","query":{{"bool":{{"filter":[{},{}]}}}}}}}})", a, b);
}

// One search from its first request to its page.
class Run {
 public:
  Run(Searcher& searcher, Clock& clock, const SearchLimits& limits, const SearchRequest& request, FieldAliases aliases)
      : searcher_(searcher),
        clock_(clock),
        limits_(limits),
        request_(request),
        aliases_(std::move(aliases)),
        aggregations_(request, aliases_),
        by_field_(request.sort.by == SortOrder::By::kField),
        by_relevance_(request.sort.by == SortOrder::By::kRelevance) {}

  Result<SearchPage> Go() {
    SESHAT_ASSIGN(after_, DecodeCursor(request_));
    CompileOptions options{.scored = by_relevance_ && !IsBehindRanked(after_)};
    compiled_ = Compile(request_.query, aliases_, options);
    auto page = Page();
    // What is too complex for the engine's automata.
    if (!page && page.error().code == ErrorCode::kInvalidArgument) {
      options.engine_patterns = false;
      auto without = Compile(request_.query, aliases_, options);
      if (without.text == compiled_.text) return page;
      compiled_ = std::move(without);
      page = Page();
    }
    if (page && request_.explain) page->explanation = std::move(explanation_);
    return page;
  }

 private:
  Result<SearchPage> Page() {
    explanation_ = {.engine = "opensearch", .request = {}, .stages = {}};
    aggregations_.facets.clear();
    aggregations_.histograms.clear();
    if (!compiled_.exact) return Verified();
    return by_field_ ? InGroups() : InOneRequest();
  }

  // --- what the engine can tell ---

  Result<SearchPage> InOneRequest() {
    const size_t size = request_.limit == 0 ? 0 : request_.limit + 1;
    std::string body = by_relevance_ ? RankedBody(size) : Body(compiled_.text, size, SortKey::Group::kMissing, after_);
    AddAggregations(body);
    SESHAT_ASSIGN(auto hits, Ask("match", body + "}"));
    if (IsDoubtful(hits)) return Verified();
    if (const auto& all = Inside(hits.aggregations, {"all", "doc_count"}); all.is_number())
      hits.total = all.to_number<uint64_t>();
    SearchPage page;
    SESHAT_TRY(Summarize(hits, page));
    Fill(page, std::move(hits.hits));
    return page;
  }

  // By a field: numbers, dates, texts and what has none of them come one after the other, each with an order of its
  // own. Sessions that have values of several kinds count as the first of them.
  Result<SearchPage> InGroups() {
    std::string body = fmt::format(R"({{"query":{},"size":0,"track_total_hits":true)", compiled_.text);
    AddAggregations(body);
    SESHAT_ASSIGN(const auto all, Ask("match", body + "}"));
    if (IsDoubtful(all)) return Verified();
    SearchPage page;
    SESHAT_TRY(Summarize(all, page));

    std::vector<SearchHit> hits;
    const size_t wanted = request_.limit == 0 ? 0 : request_.limit + 1;
    int group = after_ ? static_cast<int>(after_->group) : 0;
    auto after = after_;
    for (; group <= static_cast<int>(SortKey::Group::kMissing) && hits.size() < wanted; ++group) {
      const auto which = static_cast<SortKey::Group>(group);
      SESHAT_ASSIGN(auto more, Ask("order", Body(InGroup(which), wanted - hits.size(), which, after) + "}"));
      std::ranges::move(more.hits, std::back_inserter(hits));
      after.reset();
    }
    Fill(page, std::move(hits));
    return page;
  }

  std::string InGroup(SortKey::Group group) const {
    const auto names = aliases_.Group(request_.sort.field);
    const auto field = FieldFilter(names);
    const auto number = Nested(field, R"({"exists":{"field":"meta.n"}})");
    const auto date = Nested(field, R"({"exists":{"field":"meta.e"}})");
    const auto any = ExistsFilter(names);
    std::string yes = compiled_.text;
    std::string no;
    switch (group) {
      case SortKey::Group::kNumber:
        yes += "," + number;
        break;
      case SortKey::Group::kDate:
        yes += "," + date;
        no = number;
        break;
      case SortKey::Group::kText:
        yes += "," + any;
        no = number + "," + date;
        break;
      case SortKey::Group::kMissing:
        no = any;
        break;
    }
    return fmt::format(R"({{"bool":{{"filter":[{}],"must_not":[{}]}}}})", yes, no);
  }

  std::string Body(const std::string& query, size_t size, SortKey::Group group,
                   const std::optional<SortKey>& after) const {
    std::string body =
        fmt::format(R"({{"query":{},"size":{},"track_total_hits":true,"_source":["doc"],"sort":{})", query, size,
                    SortJson(request_.sort, group, FieldFilter(aliases_.Group(request_.sort.field))));
    if (after) body += R"(,"search_after":)" + AfterJson(request_.sort, *after);
    return body;
  }

  // The best that have not been shown; those behind the ranked ones newest first.
  std::string RankedBody(size_t size) const {
    SortOrder order = request_.sort;
    if (IsBehindRanked(after_)) order.by = SortOrder::By::kNewest;
    auto body = fmt::format(R"({{"query":{},"size":{},"track_total_hits":true,"_source":["doc"],"sort":{})",
                            compiled_.text, size, SortJson(order, SortKey::Group::kMissing, ""));
    if (IsBehindRanked(after_)) body += R"(,"search_after":)" + AfterJson(order, *after_);
    if (!after_) return body;
    // Counts are over all matches, which is what a post filter leaves alone.
    const bj::array ids(after_->shown.begin(), after_->shown.end());
    return body + R"(,"post_filter":{"bool":{"must_not":[{"ids":{"values":)" + bj::serialize(ids) + "}}]}}";
  }

  void AddAggregations(std::string& body) const {
    std::string all = aggregations_.First();
    const auto add = [&](std::string_view filter, std::string_view name = "doubtful") {
      if (!all.empty()) all += ',';
      all += fmt::format(R"("{}":{{"filter":{}}})", name, filter);
    };
    // A post filter takes what it leaves out from the total.
    if (by_relevance_ && after_) add(R"({"match_all":{}})", "all");
    if (compiled_.doubtful_everywhere) {
      add(R"({"exists":{"field":"long"}})");
    } else if (!compiled_.doubtful_fields.empty()) {
      bj::array terms(compiled_.doubtful_fields.begin(), compiled_.doubtful_fields.end());
      add(bj::serialize(bj::object{{"terms", {{"long", std::move(terms)}}}}));
    }
    if (!all.empty()) body += R"(,"aggs":{)" + all + "}";
  }

  static bool IsDoubtful(const Hits& hits) {
    const auto& count = Inside(hits.aggregations, {"doubtful", "doc_count"});
    return count.is_number() && count.to_number<uint64_t>() > 0;
  }

  // Counts, facets and histograms.
  Status Summarize(const Hits& hits, SearchPage& page) {
    page.total = hits.total;
    if (request_.facets.empty() && request_.histograms.empty()) return {};
    SESHAT_TRY(aggregations_.ReadFirst(hits.aggregations, hits.total));
    if (const auto second = aggregations_.Second(); !second.empty()) {
      SESHAT_ASSIGN(const auto bars,
                    Ask("bars", fmt::format(R"({{"query":{},"size":0,"aggs":{{{}}}}})", compiled_.text, second)));
      SESHAT_TRY(aggregations_.ReadSecond(bars.aggregations));
    }
    for (auto& facet : aggregations_.facets) {
      for (auto& value : facet.values) {
        if (!IsHashed(value.value)) continue;
        SESHAT_ASSIGN(value.value, searcher_.LongText(aliases_.Group(facet.field), value.value));
      }
    }
    page.facets = std::move(aggregations_.facets);
    page.histograms = std::move(aggregations_.histograms);
    return {};
  }

  void Fill(SearchPage& page, std::vector<SearchHit> hits) const {
    if (hits.size() > request_.limit) {
      hits.resize(request_.limit);
      const auto& last = hits.back();
      auto key = SortKeyOf(last.document, request_.sort, aliases_);
      if (by_relevance_ && !IsBehindRanked(after_)) key.group = SortKey::Group::kNumber;
      page.next_cursor =
          by_relevance_ ? EncodeRankedCursor(request_, after_, hits, std::move(key)) : EncodeCursor(request_, key);
    }
    page.hits = std::move(hits);
  }

  Result<Hits> Ask(const char* stage, const std::string& body) {
    const auto begin = clock_.SteadyNow();
    if (request_.explain) explanation_.request += (explanation_.request.empty() ? "" : "\n") + body;
    SESHAT_ASSIGN(const auto answer, searcher_.Ask(body));
    auto hits = ReadHits(answer);
    explanation_.stages.push_back({stage, clock_.SteadyNow() - begin});
    return hits;
  }

  // --- what it cannot ---

  // Looks at every document that the engine finds. What is left is few; the reference does the rest with it.
  Result<SearchPage> Verified() {
    SESHAT_ASSIGN(const auto evaluator, QueryEvaluator::Make(request_.query, aliases_));
    const auto matching = reference::MakeReferenceMetadataStore();
    std::optional<SortKey> after;
    const SearchRequest newest;
    constexpr size_t kTogether = 500;
    for (size_t seen = 0;;) {
      std::string body = fmt::format(R"({{"query":{},"size":{},"track_total_hits":true,"_source":["doc"],"sort":{})",
                                     compiled_.text, kTogether, SortJson(newest.sort, SortKey::Group::kMissing, ""));
      if (after) body += R"(,"search_after":)" + AfterJson(newest.sort, *after);
      SESHAT_ASSIGN(auto hits, Ask("verify", body + "}"));
      if (seen == 0 && hits.total > limits_.max_verified)
        return Fail(ErrorCode::kResourceExhausted,
                    fmt::format("this search would have to look at {} sessions one by one, and {} is the most: add a "
                                "condition, or use words and wildcards rather than a regular expression",
                                hits.total, limits_.max_verified));
      if (hits.hits.empty()) break;
      seen += hits.hits.size();
      after = SortKeyOf(hits.hits.back().document, newest.sort, aliases_);
      for (auto& hit : hits.hits)
        if (evaluator.Matches(hit.document)) SESHAT_TRY(matching->Upsert(std::span(&hit.document, 1)));
      if (hits.hits.size() < kTogether) break;
    }
    return OfMatching(*matching);
  }

  // By relevance, what was verified is ranked by the reference; a cursor names sessions, and fits either.
  Result<SearchPage> OfMatching(MetadataStore& matching) const {
    SearchRequest request = request_;
    request.explain = false;
    return matching.Search(request);
  }

  Searcher& searcher_;
  Clock& clock_;
  const SearchLimits& limits_;
  const SearchRequest& request_;
  const FieldAliases aliases_;
  std::optional<SortKey> after_;
  CompiledQuery compiled_;
  Aggregations aggregations_;
  SearchExplanation explanation_;
  const bool by_field_;
  const bool by_relevance_;
};

}  // namespace

Searcher::Searcher(Connection& connection, IndexAdmin& admin, Clock& clock, const SearchLimits& limits)
    : connection_(connection), admin_(admin), clock_(clock), limits_(limits) {}

Result<Answer> Searcher::Send(Connection::Call call) {
  const auto deadline = clock_.SteadyNow() + limits_.timeout;
  const auto left = [&] {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.SteadyNow());
    return std::max(rest, std::chrono::milliseconds{1});
  };
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    call.timeout = left();
    SESHAT_ASSIGN(auto answer, connection_.Send(call));
    if (attempt == kAttempts || answer.ok()) return answer;
    if (answer.status == 404 && ErrorType(answer.body) == "index_not_found_exception") {
      // There is no index yet, or a rebuild has just put another in its place.
      SESHAT_TRY(admin_.Ensure(left()));
    } else if (answer.status == 503) {
      // It was made a moment ago, and has not started.
      if (!admin_.WaitUntilStarted(left())) return answer;
    } else {
      return answer;
    }
  }
}

Result<std::string> Searcher::Ask(const std::string& body) {
  SESHAT_ASSIGN(auto answer, Send({.method = "POST",
                                   .path = "/" + PathSegment(admin_.alias()) + "/_search",
                                   .query = "allow_partial_search_results=false",
                                   .body = body}));
  if (!answer.ok()) return std::unexpected(connection_.ErrorOf(answer));
  return std::move(answer.body);
}

Result<std::string> Searcher::LongText(const std::vector<std::string>& group, const std::string& term) {
  const auto is_it = bj::serialize(bj::object{{"term", {{"meta.x", term}}}});
  SESHAT_ASSIGN(const auto answer,
                Ask(fmt::format(R"({{"query":{},"size":1,"_source":["doc"]}})", Nested(FieldFilter(group), is_it))));
  SESHAT_ASSIGN(const auto hits, ReadHits(answer));
  for (const auto& hit : hits.hits)
    for (auto& value : query::ValuesOf(query::FieldValues(hit.document), group))
      if (TextTerm(value.text) == term) return std::move(value.text);
  return Fail(ErrorCode::kUnavailable, "a long value was replaced while it was looked for: search again");
}

Result<SearchPage> Searcher::Search(const SearchRequest& request) {
  SESHAT_ASSIGN(auto aliases, FieldAliases::Make(request.aliases));
  return Run(*this, clock_, limits_, request, std::move(aliases)).Go();
}

}  // namespace seshat::opensearch
