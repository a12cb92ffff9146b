#include "services/catalog/session_lookup.h"

#include <fmt/format.h>

#include <vector>

#include "core/base/nearest_name.h"

namespace seshat::catalog {

Error NoSuchSession(MetadataStore& index, const std::string& id) {
  constexpr size_t kMaxCompared = 10'000;
  std::vector<std::string> ids;
  if (const auto page = index.Search({.query = {MatchAll{}}, .limit = kMaxCompared})) {
    for (const SearchHit& hit : page->hits) ids.push_back(hit.document.session_id);
  }
  return {ErrorCode::kNotFound, fmt::format("there is no session '{}'{}", id, DidYouMean(id, ids))};
}

Result<SessionDocument> FindSession(MetadataStore& index, const std::string& id) {
  auto document = index.Get(id);
  if (!document && document.error().code == ErrorCode::kNotFound) return std::unexpected(NoSuchSession(index, id));
  return document;
}

}  // namespace seshat::catalog
