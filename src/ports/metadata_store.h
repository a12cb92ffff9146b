// MetadataStore: the search index over sessions. A pure function of the blob store: lose it, rebuild it, same
// answers.
//
// Thread safety: all methods, from any thread. Searches never wait for a writer.
// Adapters: memory (reference, slow and obvious), sqlite, opensearch. Suite:
// conformance/metadata_store/metadata_store_suite.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/query/session_document.h"
#include "ports/search_types.h"

namespace seshat {

class MetadataStore {
 public:
  struct Capabilities {
    bool relevance = false;  // SortOrder::By::kRelevance; otherwise kUnsupported
    bool wildcard = false;   // TextMatch::kWildcard, and so on: otherwise kUnsupported naming the construct
    bool fuzzy = false;
    bool regex = false;
    bool facets = false;
    bool histograms = false;
  };

  virtual ~MetadataStore() = default;
  virtual const Capabilities& capabilities() const = 0;

  // Stores each document unless one of the same session with the same or a higher version is there. Durable
  // and visible to every later search when it returns. Idempotent; order of calls does not matter.
  virtual Status Upsert(std::span<const SessionDocument> documents) = 0;

  virtual Result<SessionDocument> Get(std::string_view session_id) = 0;  // kNotFound

  // kInvalidArgument for a query beyond the limits (200 clauses, depth 50), a cursor of another query, aliases
  // that contradict each other, a histogram that makes no sense; kUnsupported for what capabilities() lacks. A
  // field that no session has gives no hits, not an error (the caller asks Fields for suggestions).
  virtual Result<SearchPage> Search(const SearchRequest& request) = 0;

  // What keys there are, sorted by name. May look at everything: seconds for a million sessions, where names
  // or top values are not narrowed down.
  virtual Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) = 0;

  // For people who look after the index; cheap.
  virtual Result<IndexStatus> GetStatus() = 0;

  // Rebuilding: Begin, Upsert everything that the blob store has, Finish. Upserts of any caller count, and
  // searches go on with the old content meanwhile. Finish removes what has not been upserted since Begin.
  // During a rebuild an Upsert also replaces a document of the same version (the way it is built may have
  // changed), never one of a higher. Begin answers a token; beginning anew makes older tokens invalid, and
  // Finish with one answers kNotFound.
  virtual Result<std::string> BeginRebuild() = 0;
  virtual Status FinishRebuild(std::string_view token) = 0;
};

}  // namespace seshat
