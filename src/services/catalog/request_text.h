// From what was typed to a search request, with fields that exist.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "ports/metadata_store.h"
#include "services/catalog/search_settings.h"

namespace seshat::catalog {

// The request for a query as it was typed: parsed, and every field it names known to the index. kInvalidArgument
// with the place of a slip, or naming the field and the nearest one that there is.
Result<SearchRequest> RequestOfText(const std::string& text, const SearchSettings& settings, MetadataStore& index);

// "FIELD" or "FIELD:N" for N bars; the name may hold colons.
Result<HistogramRequest> ParseHistogram(std::string_view text);
// Whether each histogram of `request` is one of numbers or of dates, and of which unit: what most sessions have.
// kInvalidArgument for a field with neither.
Status ChooseAxes(MetadataStore& index, SearchRequest& request);

// kInvalidArgument for a field that no session has, under any of its names, naming the nearest one: never a
// silent empty list.
Status CheckFields(MetadataStore& index, const std::vector<std::string>& names, const std::vector<FieldAlias>& aliases);

// "newest", "relevance", "FIELD", "-FIELD" or "FIELD:desc"; nothing for what names no field.
std::optional<SortOrder> ParseSort(const std::string& text);

// "rig,operator" as its parts; a backslash takes a comma as part of a name.
std::vector<std::string> SplitNames(std::string_view text);

}  // namespace seshat::catalog
