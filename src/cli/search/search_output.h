// A page of hits as text and as comma-separated values.
#pragma once

#include <string>
#include <vector>

#include "cli/output/console.h"
#include "services/catalog/search.h"

namespace seshat::cli {

// `columns` empty: what suits a terminal.
void PrintSearchTable(Console& console, const catalog::SearchAnswer& answer, const std::vector<std::string>& columns);
// A head line, and a line for each hit; facets are left out. `columns` empty: the fixed fields.
void PrintSearchCsv(Console& console, const catalog::SearchAnswer& answer, const std::vector<std::string>& columns);

}  // namespace seshat::cli
