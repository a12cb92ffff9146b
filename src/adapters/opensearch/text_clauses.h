// What a Text node asks of one value, for the places where the index has texts. Private to the compiler of queries;
// include it in .cc files only.
#pragma once

#include <boost/json.hpp>
#include <optional>

#include "core/query/query.h"

namespace seshat::opensearch {

// Clauses that are absent match nothing.
struct TextClauses {
  bool exact = true;    // false: they find too much
  bool exists = false;  // every value matches (where not exact: may match); there are no clauses then
  std::optional<boost::json::object> value;  // on a nested value: its words, or the whole of it
  std::optional<boost::json::object> root;   // on the words of the document
  // Patterns look at a value as a whole, too, and not every value is in the index as a whole.
  bool looks_at_wholes = false;
  std::optional<boost::json::object> whole;  // on a nested value, without its words
  std::optional<boost::json::object> name;   // on the names of metadata keys, as wholes
};

// `engine_patterns`: CompileOptions of query_compiler.h.
TextClauses CompileText(const Text& text, bool engine_patterns);

}  // namespace seshat::opensearch
