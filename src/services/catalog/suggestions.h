// What can be written next in a query, from the grammar and from what the index knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/query/query_suggest.h"
#include "ports/metadata_store.h"
#include "services/catalog/search_settings.h"

namespace seshat::catalog {

struct QuerySuggestions {
  SuggestPoint point;  // what they take the place of
  std::vector<Suggestion> suggestions;
};

// For the word at `cursor`, a byte of the text; best first.
Result<QuerySuggestions> SuggestionsFor(std::string_view text, size_t cursor, size_t limit,
                                        const SearchSettings& settings, MetadataStore& index);

// The query with the suggestion put in.
std::string WithSuggestion(std::string_view text, const SuggestPoint& point, const Suggestion& suggestion);

}  // namespace seshat::catalog
