// What can be written at a place of a query: the parser's own expectations there, and what is known of the
// sessions, as a list to choose from. Pure functions; any bytes and any cursor are answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/metadata/field_info.h"
#include "core/query/suggest_point.h"

namespace seshat::query {

// Precondition: none; a cursor beyond the text is its end.
SuggestPoint SuggestAt(std::string_view text, size_t cursor);

struct Suggestion {
  enum class Kind { kField, kOperator, kValue, kKeyword };
  Kind kind = Kind::kField;
  std::string text;    // to put in place of [begin, end), quoted where need be: "rig:", "\"left motor\" "
  std::string label;   // to show: the name, the value, the operator
  uint64_t count = 0;  // sessions; 0 for operators and keywords
  std::string type;    // of a field: FieldType
  bool operator==(const Suggestion&) const = default;
};

// Best first. `fields` is everything there is (fixed fields are added), `values` are the most frequent values of
// point.field, not necessarily narrowed down to the prefix. Beginnings come before slips and parts; among
// these, what more sessions have. Values come before keywords, keywords before fields where all are possible.
std::vector<Suggestion> Suggest(const SuggestPoint& point, std::span<const FieldInfo> fields,
                                std::span<const FacetValue> values, size_t limit = 10);

}  // namespace seshat::query

namespace seshat {
using query::Suggestion;
}  // namespace seshat
