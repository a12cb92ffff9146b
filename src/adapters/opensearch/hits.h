// The hits of an answer. Private to the searcher; include it in .cc files only.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/query/session_document.h"
#include "ports/search_request.h"

namespace seshat::opensearch {

struct Hits {
  uint64_t total = 0;
  std::vector<SearchHit> hits;
  boost::json::value aggregations;
};

// kDataLoss where it is no answer to a search, or a document in it cannot be read.
Result<Hits> ReadHits(const std::string& answer);
// The document in "_source".
Result<SessionDocument> ReadSource(const boost::json::value& source);

// "sort" of a request by `sort` within one group of SortKey, and "search_after" behind `key`.
std::string SortJson(const SortOrder& sort, SortKey::Group group, const std::string& field_filter);
std::string AfterJson(const SortOrder& sort, const SortKey& key);

}  // namespace seshat::opensearch
