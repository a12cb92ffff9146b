// What metadata stores do alike with a request: checking it, ordering sessions, and cursors. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/query/document_fields.h"
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
  std::vector<std::string> shown;  // kRelevance: the ids of the sessions before and at this place

  static constexpr size_t kMaxTextBytes = 256;

  // Takes the value of the sort field that comes first; call it for each.
  void Offer(const MetadataValue& value, bool descending);
};

bool ComesBefore(const SortKey& a, const SortKey& b, bool descending);

// The key of one document under a request's order. By relevance: of ties.
SortKey SortKeyOf(const SessionDocument& document, const SortOrder& order, const FieldAliases& aliases);

// The cursor that continues behind `last`, and back. A cursor names the query and the order that it belongs
// to; DecodeCursor answers kInvalidArgument for that of another, and nothing for an empty one.
std::string EncodeCursor(const SearchRequest& request, const SortKey& last);
Result<std::optional<SortKey>> DecodeCursor(const SearchRequest& request);

// By relevance a page continues with the best that have not been shown: every score changes when sessions come and go,
// so that a score would be no place to continue from. When kMaxShownRanked have been shown, or the store has ranked no
// more, the others follow, newest first.
inline constexpr size_t kMaxShownRanked = 1'000;  // of one page more where it is larger; 60 KB of cursor

// Whether `after` is a place among the others (Group::kMissing): what is newer than it or was shown comes no more.
bool IsBehindRanked(const std::optional<SortKey>& after);
// The ids that come no more.
std::set<std::string_view> ShownBefore(const std::optional<SortKey>& after);
// Behind a page by relevance that continued at `after`; `last` is the key of its last hit, Group::kNumber for one that
// was ranked.
std::string EncodeRankedCursor(const SearchRequest& request, const std::optional<SortKey>& after,
                               const std::vector<SearchHit>& page, SortKey last);

}  // namespace seshat
