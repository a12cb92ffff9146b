// Globs over file paths, as processors and sources are configured with.
//
//   *      any bytes but '/'          **     any bytes, '/' included; "**/" also matches nothing
//   ?      one byte but '/'           [a-z]  one of these bytes, [!a-z] none of these; never '/'
//   \x     the byte x itself
//
// Matching is over bytes and always of the whole path. Time is O(pattern × path), whatever the pattern.
#pragma once

#include <string_view>

#include "core/base/error.h"

namespace seshat {

// kInvalidArgument for an empty glob, one of more than 1,024 bytes, an open '[' or a '\' at the end.
Status CheckPathGlob(std::string_view glob);

// False for a glob that CheckPathGlob refuses.
bool PathGlobMatches(std::string_view glob, std::string_view path);

}  // namespace seshat
