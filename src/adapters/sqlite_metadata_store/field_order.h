// The order of matches by the values of a field. Private to the adapter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/sqlite_metadata_store/matches.h"
#include "core/base/error.h"
#include "ports/search_request.h"

namespace seshat::sqlite_metadata_store {

struct OrderedRow {
  DocPlace place;
  SortKey key;
};

// The matches of one segment behind `after`, in order: the first `limit` of them, perhaps more. `fields`: folded
// names that count as one field.
std::vector<OrderedRow> OrderByField(const Matches& matches, size_t segment, const std::vector<std::string>& fields,
                                     bool descending, const std::optional<SortKey>& after, size_t limit);

}  // namespace seshat::sqlite_metadata_store
