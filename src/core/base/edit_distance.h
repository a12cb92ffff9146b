// How far two texts are apart, for misspelt words of queries and for "did you mean".
//
// Optimal string alignment over code points: an insertion, deletion, substitution or swap of neighbours is one edit,
// and letters that were swapped are not touched again. Invalid UTF-8 counts byte by byte. Time and memory are
// O(length of a × length of b). Pure and thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace seshat {

// The number of edits between `a` and `b`, or nothing where it is more than `limit`.
std::optional<size_t> Edits(std::string_view a, std::string_view b, size_t limit);
// True where they are at most `limit` edits apart.
bool WithinEdits(std::string_view a, std::string_view b, size_t limit);

}  // namespace seshat
