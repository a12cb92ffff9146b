// A place in a query, as the reader saw it on its way.
#pragma once

#include <cstddef>
#include <string>

namespace seshat::query {

// A place in a query, and what the grammar allows there. Nothing where all flags are false: in a regular
// expression, or behind a closing quote.
struct SuggestPoint {
  size_t begin = 0;  // bytes [begin, end) are the word at the cursor: a suggestion takes their place
  size_t end = 0;
  std::string prefix;  // of the word, up to the cursor, without quotes and backslashes
  bool fields = false;
  bool field_signs = true;  // a chosen field is followed by ':' (behind _exists_: it is not)
  bool operators = false;   // for `field`
  bool values = false;      // of `field`
  bool negation = false;    // NOT
  bool junctions = false;   // AND, OR
  bool to = false;          // TO between the bounds of a range
  std::string field;

  bool operator==(const SuggestPoint&) const = default;
};

}  // namespace seshat::query

namespace seshat {
using query::SuggestPoint;
}  // namespace seshat
