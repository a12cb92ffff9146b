// Counts over matches: facets and histograms. Private to the adapter.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "adapters/sqlite_metadata_store/matches.h"
#include "core/query/histogram.h"
#include "ports/search_types.h"

namespace seshat::sqlite_metadata_store {

enum class FieldKinds { kAll, kMetadataOnly };

// `fields`: folded names that count as one field. `prefix`: only values that begin so (FoldCase of it).
Facet CountFacet(const Matches& matches, const std::vector<std::string>& fields, size_t most,
                 const std::string& prefix = "", FieldKinds kinds = FieldKinds::kAll);

Histogram CountBars(const Matches& matches, const std::vector<std::string>& fields, const HistogramRequest& request);

}  // namespace seshat::sqlite_metadata_store
