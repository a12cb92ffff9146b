// What is asked of a metadata store, and what it answers. The port is metadata_store.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/metadata/field_aliases.h"
#include "core/metadata/field_info.h"
#include "core/query/histogram.h"
#include "core/query/query.h"
#include "core/query/session_document.h"

namespace seshat {

struct SortOrder {
  enum class By {
    kNewest,     // started_at descending, then session_id ascending
    kRelevance,  // the store's own score, then as kNewest; of many sessions only the first are ranked
    kField,      // sessions without the field come last, ties as in kNewest
  };
  By by = By::kNewest;
  std::string field;        // kField
  bool descending = false;  // kField
};

struct SearchRequest {
  Query query;
  SortOrder sort;
  size_t limit = 50;  // 0–10,000; 0: counts only
  // SearchPage::next_cursor of the page before: same query, sort and aliases. In every order, a session that matches
  // all along and does not change comes on exactly one page, whatever is stored meanwhile; what is stored meanwhile may
  // come or not.
  std::string cursor;
  std::vector<std::string> facets;  // fields whose values are to be counted over all hits
  size_t facet_values = 10;         // the most frequent ones of each
  std::vector<HistogramRequest> histograms;
  std::vector<FieldAlias> aliases;  // in query, sort, facets and histograms
  bool explain = false;
};

struct SearchHit {
  SessionDocument document;
  double score = 0;  // kRelevance only; higher is better; 0 for what was not ranked
};

struct Facet {
  std::string field;
  std::vector<FacetValue> values;  // by count, then by value
  uint64_t missing = 0;            // hits without the field
};

// For people who wonder what was asked and where the time went.
struct SearchExplanation {
  struct Stage {
    std::string name;  // "match", "order", "facets", …
    std::chrono::nanoseconds time{};
  };
  std::string engine;   // "evaluator", "sqlite", "opensearch"
  std::string request;  // in the engine's language; may have many lines
  std::vector<Stage> stages;
};

struct SearchPage {
  std::vector<SearchHit> hits;
  uint64_t total = 0;
  bool total_is_exact = true;  // otherwise "at least total"
  // kRelevance over so many hits that only the newest of them were scored: how many. 0: all were.
  uint64_t ranked_newest = 0;
  std::string next_cursor;                       // empty: that was all
  std::vector<Facet> facets;                     // in the order asked for
  std::vector<Histogram> histograms;             // likewise
  std::optional<SearchExplanation> explanation;  // where it was asked for
};

struct FieldsOptions {
  // Only these, each as a search would see it (fixed fields too, and together with a metadata key of the same
  // name); those that no session has are left out. Empty: every metadata key, fixed fields not.
  std::vector<std::string> names;
  size_t top_values = 0;     // how many of the most frequent values of each
  std::string value_prefix;  // top values only that begin so, without regard to case
  // Only whether some session has each of `names`: of what is answered, `name` may be in any spelling and the rest may
  // be left out. Stores answer this without a look at the values where they can.
  bool existence_only = false;
};

struct IndexStatus {
  std::string location;  // a path or an address, without credentials
  uint64_t documents = 0;
  std::optional<uint64_t> bytes;  // on disk, where the store knows
  bool rebuilding = false;
  std::vector<std::pair<std::string, std::string>> details;  // of the engine, for people: "health", "green"
};

}  // namespace seshat
