#include "services/catalog/suggestions.h"

#include <algorithm>
#include <iterator>

#include "core/metadata/field_aliases.h"

namespace seshat::catalog {
namespace {

// Those that begin as the word does; where none does, the most frequent ones, for slips of the pen.
Result<std::vector<FacetValue>> ValuesFor(const SuggestPoint& point, const FieldAliases& aliases,
                                          MetadataStore& index) {
  constexpr size_t kMaxValues = 1000;
  std::vector<FacetValue> values;
  for (const std::string& prefix : {point.prefix, std::string()}) {
    const FieldsOptions options{.names = aliases.Group(point.field), .top_values = kMaxValues, .value_prefix = prefix};
    SESHAT_ASSIGN(std::vector<FieldInfo> fields, index.Fields(options));
    for (FieldInfo& field : fields) std::ranges::move(field.top_values, std::back_inserter(values));
    if (!values.empty() || prefix.empty()) break;
  }
  return values;
}

}  // namespace

Result<QuerySuggestions> SuggestionsFor(std::string_view text, size_t cursor, size_t limit,
                                        const SearchSettings& settings, MetadataStore& index) {
  SESHAT_ASSIGN(const auto aliases, FieldAliases::Make(settings.aliases));
  QuerySuggestions out{.point = query::SuggestAt(text, cursor), .suggestions = {}};
  std::vector<FieldInfo> fields;
  std::vector<FacetValue> values;
  if (out.point.fields) {
    SESHAT_ASSIGN(fields, index.Fields({}));
    for (const FieldAlias& alias : settings.aliases) {
      FieldInfo info;
      info.name = alias.name;
      info.texts = 1;
      fields.push_back(std::move(info));
    }
  } else if (out.point.operators) {
    SESHAT_ASSIGN(fields, index.Fields({.names = {out.point.field}}));
  }
  if (out.point.values) {
    SESHAT_ASSIGN(values, ValuesFor(out.point, aliases, index));
  }
  out.suggestions = query::Suggest(out.point, fields, values, limit);
  return out;
}

std::string WithSuggestion(std::string_view text, const SuggestPoint& point, const Suggestion& suggestion) {
  std::string out(text.substr(0, point.begin));
  out += suggestion.text;
  out += text.substr(point.end);
  return out;
}

}  // namespace seshat::catalog
