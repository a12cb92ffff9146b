// What a query may be, whoever made it: checked by the parser and by every store.
#pragma once

#include <cstddef>

#include "core/base/error.h"
#include "core/query/query.h"

namespace seshat::query {

// Limits of docs/formats/query.md: beyond them a search is a program, not a question.
inline constexpr size_t kMaxQueryBytes = 8 * 1024;  // of the text
inline constexpr size_t kMaxQueryClauses = 200;     // leaves of the tree
inline constexpr size_t kMaxQueryDepth = 50;        // nodes from the root to a leaf

// kInvalidArgument, with the reason: too many clauses, too deep, a Not without exactly one clause, a boost
// that is not above 0 and at most 1,000, a regular expression that RE2 refuses, a fuzzy distance above 2.
Status CheckQuery(const Query& query);

}  // namespace seshat::query
