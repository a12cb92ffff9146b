// Answers a search from one view of the index. Private to the adapter.
#pragma once

#include <cstddef>
#include <optional>

#include "adapters/sqlite_metadata_store/index_view.h"
#include "core/base/error.h"
#include "platform/sqlite/database.h"
#include "ports/search_request.h"

namespace seshat::sqlite_metadata_store {

struct SearchBounds {
  size_t most_ranked = 0;  // SqliteMetadataStoreOptions
  bool release_memory = false;
};

// Inside one read transaction of `db`, of which `view` is what it sees. Precondition: CheckRequest.
Result<SearchPage> RunSearch(sqlite::Database& db, const IndexView& view, const SearchRequest& request,
                             const std::optional<SortKey>& after, const SearchBounds& bounds);

}  // namespace seshat::sqlite_metadata_store
