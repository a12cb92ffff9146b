// MetadataStore::Fields, counted by the engine.
#pragma once

#include <vector>

#include "adapters/opensearch/searcher.h"
#include "core/base/error.h"
#include "ports/search_types.h"

namespace seshat::opensearch {

Result<std::vector<FieldInfo>> ListFields(Searcher& searcher, const FieldsOptions& options);

}  // namespace seshat::opensearch
