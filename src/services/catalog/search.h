// One call answers one search: what `seshat search`, the HTTP API and everybody else who shows hits call.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/query/highlight.h"
#include "ports/blob_store.h"
#include "ports/metadata_store.h"
#include "services/catalog/search_settings.h"
#include "services/catalog/session_storage.h"

namespace seshat::catalog {

// More values of one session than that tell nobody why it was found.
inline constexpr size_t kMaxHighlights = 20;

// Everything as it was typed.
struct SearchWish {
  std::string query;            // docs/formats/query.md; empty: all sessions
  std::string sort = "newest";  // or "relevance", "FIELD", "-FIELD", "FIELD:desc"
  size_t limit = 50;            // 0–10,000
  std::string cursor;           // SearchPage::next_cursor of the page before
  std::vector<std::string> facets;
  std::vector<std::string> histograms;  // "FIELD" or "FIELD:N" for N bars
  std::vector<std::string> columns;     // fields to be shown: some session must have each
  bool explain = false;
};

struct SearchAnswer {
  std::string query;          // as it was typed
  std::string understood_as;  // as it was understood
  std::string did_you_mean;   // nothing was found, but this might be; may be empty
  SearchRequest request;      // as the index was asked
  SearchPage page;
  // Of each hit, in their order.
  std::vector<std::vector<Highlight>> highlights;
  std::vector<SessionStorage> storage;  // empty where no store was asked
};

// `store`, where it is not null, is asked where the files of every hit lie, and whether they can be read; a search for
// sessions does without it, and it never makes a search fail. kInvalidArgument with the place of a slip in the query, or
// naming a field that no session has and the nearest one that there is; otherwise the errors of the index.
Result<SearchAnswer> Search(const SearchWish& wish, const SearchSettings& settings, MetadataStore& index,
                            BlobStore* store = nullptr);

}  // namespace seshat::catalog
