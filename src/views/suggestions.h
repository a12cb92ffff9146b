// What can be written next in a query, as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "services/catalog/suggestions.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kSuggestionList;
extern const Table kSuggestion;

// "field", "operator", "value", "keyword".
std::string_view SuggestionKindName(Suggestion::Kind kind);

// `text`: the query that the suggestions are for.
boost::json::object JsonOf(const catalog::QuerySuggestions& found, std::string_view text);

}  // namespace seshat::views
