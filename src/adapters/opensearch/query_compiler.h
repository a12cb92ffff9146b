// Our query tree as OpenSearch's query language. No text of a user ever reaches a parser of the engine.
//
// Most of a query means to the engine exactly what core/query/query_evaluator.h says. What the engine cannot tell exactly
// (words that are close to one another in one value, regular expressions beyond its own, patterns on values that are
// too long to be terms) is compiled to something that finds at least all hits, and the caller looks at each.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/metadata/field_aliases.h"
#include "core/query/histogram.h"
#include "core/query/query.h"

namespace seshat::opensearch {

struct CompiledQuery {
  std::string text;  // JSON; finds every hit, and what the rest of this says
  // False: every document that is found has to be verified.
  bool exact = true;
  // Documents with one of these in `long` have to be verified even so (terms of the field "long").
  std::vector<std::string> doubtful_fields;
  bool doubtful_everywhere = false;  // documents with anything in `long`
};

struct CompileOptions {
  bool scored = false;          // for an order by relevance
  bool engine_patterns = true;  // false: patterns are verified, because the engine finds them too complex
};

// Precondition: CheckQuery(query).
CompiledQuery Compile(const Query& query, const FieldAliases& aliases, const CompileOptions& options = {});

// --- parts of it, for aggregations and sorting: JSON that applies to nested documents of "meta" ---

// {"terms": …}: those of a group of fields (FieldAliases::Group).
std::string FieldFilter(std::span<const std::string> group);
// Those whose number or date is within the bounds (IsWithin).
std::string RangeFilter(const std::optional<Bound>& low, const std::optional<Bound>& high);
// Those that have a place on the axis (IsOnAxis).
std::string AxisFilter(const HistogramRequest& histogram);
// {"terms": …} on documents: those that have a field of the group.
std::string ExistsFilter(std::span<const std::string> group);

}  // namespace seshat::opensearch
