// What metadata stores do alike with a request: checking it, ordering sessions, and cursors. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/document_fields.h"
#include "ports/metadata_store.h"

namespace seshat {

inline constexpr size_t kMaxSearchLimit = 10'000;  // of one page; OpenSearch's max_result_window

// kInvalidArgument and kUnsupported as MetadataStore::Search has them, the cursor apart.
Status CheckRequest(const SearchRequest& request, const MetadataStore::Capabilities& capabilities);

// Where a session stands in the order of a request.
struct SortKey {
  enum class Group { kNumber, kDate, kText, kMissing };
  Group group = Group::kMissing;
  double number = 0;
  Timestamp date{};
  std::string text;  // FoldCase, cut to kMaxTextBytes: longer texts that begin alike are ties
  Timestamp started_at{};
  std::string session_id;

  static constexpr size_t kMaxTextBytes = 256;

  // Takes the value of the sort field that comes first; call it for each.
  void Offer(const MetadataValue& value, bool descending);
};

bool ComesBefore(const SortKey& a, const SortKey& b, bool descending);

// The key of one document under a request's order. By relevance: the store puts the score into `number` with
// Group::kNumber, and compares descending.
SortKey SortKeyOf(const SessionDocument& document, const SortOrder& order, const FieldAliases& aliases);

// The cursor that continues behind `last`, and back. A cursor names the query and the order that it belongs
// to; DecodeCursor answers kInvalidArgument for that of another, and nothing for an empty one.
std::string EncodeCursor(const SearchRequest& request, const SortKey& last);
Result<std::optional<SortKey>> DecodeCursor(const SearchRequest& request);

}  // namespace seshat
