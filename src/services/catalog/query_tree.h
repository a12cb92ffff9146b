// A query as an indented tree, for --explain.
#pragma once

#include <string>

#include "core/query/query.h"

namespace seshat::catalog {

// One line for each node, two blanks deeper for each level, ending in '\n'. As written, not escaped.
std::string QueryTree(const Query& query);

}  // namespace seshat::catalog
