// What MetadataStore::Fields answers. Private to the adapter.
#pragma once

#include <vector>

#include "adapters/sqlite_metadata_store/index_view.h"
#include "ports/search_types.h"

namespace seshat::sqlite_metadata_store {

std::vector<FieldInfo> ListFields(const IndexView& view, const FieldsOptions& options);

}  // namespace seshat::sqlite_metadata_store
