// A page of hits as text, as comma-separated values and as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "cli/output/console.h"
#include "cli/search/storage_states.h"
#include "core/query/highlight.h"
#include "ports/metadata_store.h"

namespace seshat::cli {

struct SearchView {
  std::string query;  // as typed
  std::string understood_as;
  std::string did_you_mean;                        // nothing was found, but this might be
  std::vector<std::string> columns;                // empty: what suits the output
  std::vector<std::vector<Highlight>> highlights;  // of each hit, in their order
  StorageStates* states = nullptr;  // not null: name every file, where it lies and whether it can be read
};

void PrintSearchTable(Console& console, const SearchRequest& request, const SearchPage& page, const SearchView& view);
// A head line, and a line for each hit; facets are left out.
void PrintSearchCsv(Console& console, const SearchPage& page, const SearchView& view);
boost::json::object JsonOf(const SearchRequest& request, const SearchPage& page, const SearchView& view);

}  // namespace seshat::cli
