#include "services/catalog/better_query.h"

#include "core/query/did_you_mean.h"
#include "core/query/query_habits.h"
#include "core/query/query_parser.h"

namespace seshat::catalog {

Result<std::string> BetterQuery(const SearchRequest& request, MetadataStore& index) {
  // More values than that are no list that one could have misspelt a member of.
  constexpr size_t kMaxValues = 1000;
  SESHAT_ASSIGN(const auto groups, FieldAliases::Make(request.aliases));
  Status asked;
  const auto values = [&](const std::string& field) {
    std::vector<FacetValue> all;
    auto fields = index.Fields({.names = groups.Group(field), .top_values = kMaxValues});
    if (!fields) {
      asked = std::unexpected(std::move(fields).error());
      return all;
    }
    for (const FieldInfo& info : *fields) all.insert(all.end(), info.top_values.begin(), info.top_values.end());
    return all;
  };
  const auto slips = query::FindValueSlips(request.query, values);
  SESHAT_TRY(asked);
  Query better = request.query;
  for (const ValueSlip& slip : slips) better = query::WithValue(std::move(better), slip, slip.near.front().value);
  if (!slips.empty()) return query::PrintQuery(better);
  // Another reading counts where it finds something.
  const auto finds = [&](const Query& query) {
    const auto page = index.Search({.query = query, .limit = 0, .aliases = request.aliases});
    return page && page->total > 0;
  };
  const Query meant = query::AsProbablyMeant(request.query);
  if (meant != request.query && finds(meant)) return query::PrintQuery(meant);
  const Query loose = query::WithSlipsAllowed(meant, [&](const Query& word) { return !finds(word); });
  if (loose != request.query && finds(loose)) return query::PrintQuery(loose);
  return std::string();
}

}  // namespace seshat::catalog
