// "Did you mean": what to propose where a query found nothing.
#pragma once

#include <string>

#include "core/base/error.h"
#include "ports/metadata_store.h"

namespace seshat::catalog {

// The query of `request` with misspelt values put right, or read as people used to other languages may have meant it
// where that finds something, as one may type it; empty where there is no such. Searches a few times.
Result<std::string> BetterQuery(const SearchRequest& request, MetadataStore& index);

}  // namespace seshat::catalog
