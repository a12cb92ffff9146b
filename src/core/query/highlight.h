// Where a query hits: for pages that show why a session was found. Pure functions.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "core/metadata/field_aliases.h"
#include "core/query/document_fields.h"
#include "core/query/query.h"
#include "core/query/session_document.h"

namespace seshat::query {

// One value with the parts of it that a query looked for.
struct Highlight {
  struct Span {
    size_t begin = 0;  // bytes [begin, end) of value
    size_t end = 0;
    bool operator==(const Span&) const = default;
  };
  FieldKind kind = FieldKind::kMetadata;
  std::string field;  // as written; empty for the name of a key
  std::string value;
  std::vector<Span> spans;  // in order, apart from each other; never empty
};

// In the order of FieldValues. A comparison, a range, or a pattern for the whole value marks all of it; words,
// phrases, slips and patterns for words mark these words. Clauses under a NOT mark nothing, and clauses of an OR
// mark whatever they hit. A document that the query does not match may have highlights all the same. Values are
// looked at until `most` of them have one. kInvalidArgument as CheckQuery.
Result<std::vector<Highlight>> HighlightsOf(const Query& query, const SessionDocument& document,
                                            const FieldAliases& aliases = {},
                                            size_t most = std::numeric_limits<size_t>::max());

}  // namespace seshat::query

namespace seshat {
using query::Highlight;
}  // namespace seshat
