// RE2 and Lucene both match regular languages but write them differently; this says one in the words of the other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seshat::opensearch {

// `pattern`, which RE2 accepts, for Lucene's regexp query without optional operators (flags NONE): it matches a whole
// term exactly where RE2 matches it whole without regard to case. Nothing for what has no such form here: assertions
// within the pattern, flags, Unicode classes, letters beyond ASCII (their other cases are RE2's own), and what would be
// too large.
std::optional<std::string> TranslateRegex(std::string_view pattern);

}  // namespace seshat::opensearch
