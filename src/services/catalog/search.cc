#include "services/catalog/search.h"

#include <fmt/format.h>

#include "core/base/utf8.h"
#include "core/query/query_parser.h"
#include "services/catalog/better_query.h"
#include "services/catalog/request_text.h"

namespace seshat::catalog {
namespace {

// All of the wish but its query.
Status AddWishes(const SearchWish& wish, MetadataStore& index, SearchRequest& request) {
  const auto sort = ParseSort(wish.sort);
  if (!sort)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no order: it is newest, relevance, FIELD or -FIELD",
                                                         EscapeForTerminal(wish.sort)));
  request.sort = *sort;
  request.limit = wish.limit;
  request.cursor = wish.cursor;
  request.facets = wish.facets;
  request.explain = wish.explain;
  std::vector<std::string> names = wish.facets;
  if (sort->by == SortOrder::By::kField) names.push_back(sort->field);
  for (const std::string& text : wish.histograms) {
    SESHAT_ASSIGN(HistogramRequest histogram, ParseHistogram(text));
    names.push_back(histogram.field);
    request.histograms.push_back(std::move(histogram));
  }
  names.insert(names.end(), wish.columns.begin(), wish.columns.end());
  SESHAT_TRY(CheckFields(index, names, request.aliases));
  return ChooseAxes(index, request);
}

}  // namespace

Result<SearchAnswer> Search(const SearchWish& wish, const SearchSettings& settings, MetadataStore& index,
                            BlobStore* store) {
  SearchAnswer answer{.query = wish.query};
  SESHAT_ASSIGN(answer.request, RequestOfText(wish.query, settings, index));
  SESHAT_TRY(AddWishes(wish, index, answer.request));
  answer.understood_as = query::PrintQuery(answer.request.query);
  SESHAT_ASSIGN(answer.page, index.Search(answer.request));
  if (answer.page.total == 0) {
    SESHAT_ASSIGN(answer.did_you_mean, BetterQuery(answer.request, index));
  }
  SESHAT_ASSIGN(const auto aliases, FieldAliases::Make(answer.request.aliases));
  for (const SearchHit& hit : answer.page.hits) {
    SESHAT_ASSIGN(auto highlights, query::HighlightsOf(answer.request.query, hit.document, aliases, kMaxHighlights));
    answer.highlights.push_back(std::move(highlights));
    if (store != nullptr) answer.storage.push_back(LookAtStorage(*store, hit.document));
  }
  return answer;
}

}  // namespace seshat::catalog
