// Slips of the pen in the values of a query that found nothing. (Misspelt fields: SuggestFields in
// document_fields.h.) Pure functions.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/metadata/field_info.h"
#include "core/query/query.h"

namespace seshat::query {

// Up to `limit` of the values that `text` may be a slip of, best first: nearest, then most frequent.
std::vector<FacetValue> NearestValues(std::string_view text, std::span<const FacetValue> values, size_t limit = 3);

struct ValueSlip {
  std::string field;
  std::string text;              // as the query has it
  std::vector<FacetValue> near;  // at least one
};

// The values of a field, most frequent first; called once for each field that is asked for.
using ValuesOfField = std::function<std::vector<FacetValue>(const std::string& field)>;

// The clauses `field:word`, `field:"phrase"` and `field = text` outside of NOT that no known value matches
// although one is spelled nearly so.
std::vector<ValueSlip> FindValueSlips(const Query& query, const ValuesOfField& values);

// The query with that text replaced in every clause of that field: for "did you mean …".
Query WithValue(Query query, const ValueSlip& slip, const std::string& value);

}  // namespace seshat::query

namespace seshat {
using query::ValueSlip;
using query::ValuesOfField;
}  // namespace seshat
