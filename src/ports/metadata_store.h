// MetadataStore: the search index over sessions. A pure function of the blob store: lose it, rebuild it, same
// answers.
//
// Thread safety: all methods, from any thread. Searches never wait for a writer.
// Adapters: memory (reference, slow and obvious), sqlite, opensearch. Suite:
// conformance/metadata_store_suite.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/query.h"
#include "core/session_document.h"

namespace seshat {

struct SortOrder {
  enum class By { kNewest, kRelevance, kField };
  By by = By::kNewest;      // started_at descending, then session_id ascending
  std::string field;        // kField; sessions without it come last, ties as in kNewest
  bool descending = false;  // kField
};

struct SearchRequest {
  Query query;
  SortOrder sort;
  size_t limit = 50;                // 0–10,000; 0: counts and facets only
  std::string cursor;               // SearchPage::next_cursor of the page before, same query and sort
  std::vector<std::string> facets;  // fields whose values are to be counted over all hits
  size_t facet_values = 10;         // the most frequent ones of each
};

struct SearchHit {
  SessionDocument document;
  double score = 0;  // kRelevance only; higher is better
};

struct FacetValue {
  std::string value;
  uint64_t count = 0;  // sessions, not values
};

struct Facet {
  std::string field;
  std::vector<FacetValue> values;  // by count, then by value
  uint64_t missing = 0;            // hits without the field
};

struct SearchPage {
  std::vector<SearchHit> hits;
  uint64_t total = 0;
  bool total_is_exact = true;  // otherwise "at least total"
  std::string next_cursor;     // empty: that was all
  std::vector<Facet> facets;   // in the order asked for
};

struct FieldInfo {
  std::string name;       // as first written
  uint64_t sessions = 0;  // that have it
  bool has_numbers = false;
  bool has_dates = false;
  bool has_text = false;  // a value that is neither
};

class MetadataStore {
 public:
  struct Capabilities {
    bool relevance = false;  // SortOrder::By::kRelevance; otherwise kUnsupported
    bool wildcard = false;   // TextMatch::kWildcard, and so on: otherwise kUnsupported naming the construct
    bool fuzzy = false;
    bool regex = false;
    bool facets = false;
  };

  virtual ~MetadataStore() = default;
  virtual const Capabilities& capabilities() const = 0;

  // Stores each document unless one of the same session with the same or a higher version is there. Durable
  // and visible to every later search when it returns. Idempotent; order of calls does not matter.
  virtual Status Upsert(std::span<const SessionDocument> documents) = 0;

  virtual Result<SessionDocument> Get(std::string_view session_id) = 0;  // kNotFound

  // kInvalidArgument for a query beyond the limits (200 clauses, depth 50) or a cursor of another query; a
  // field that no session has gives no hits, not an error (the caller asks Fields for suggestions).
  virtual Result<SearchPage> Search(const SearchRequest& request) = 0;

  // Every metadata key there is, by name.
  virtual Result<std::vector<FieldInfo>> Fields() = 0;

  // Rebuilding: Begin, Upsert everything that the blob store has, Finish. Upserts of any caller count, and
  // searches go on with the old content meanwhile. Finish removes what has not been upserted since Begin.
  // During a rebuild an Upsert also replaces a document of the same version (the way it is built may have
  // changed), never one of a higher. Begin answers a token; beginning anew makes older tokens invalid, and
  // Finish with one answers kNotFound.
  virtual Result<std::string> BeginRebuild() = 0;
  virtual Status FinishRebuild(std::string_view token) = 0;
};

}  // namespace seshat
