// Scores of matches. Private to the adapter.
//
// A text of the query adds to a session's score, word by word: the rarer the word, the more; the more often in the
// session, the more, but ever less. The length of a value does not count. A pattern or a misspelt word counts once, by
// how many sessions match it. `^boost` multiplies. Texts below NOT do not count.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/sqlite_metadata_store/field_order.h"
#include "adapters/sqlite_metadata_store/matches.h"
#include "platform/search_segment/segment_query.h"

namespace seshat::sqlite_metadata_store {

using Traces = std::vector<search_segment::ScoreTrace>;  // one for each segment

struct Ranking {
  std::vector<OrderedRow> rows;  // behind the cursor, in order; a ranked one's key has its score as number
  uint64_t ranked = 0;           // of all matches
};

// At most `wanted` rows that were not shown: the `most` newest matches, best first, then the others, newest first.
Ranking RankNewest(const Matches& matches, const search_segment::SegmentQuery& query, const Traces& traces, size_t most,
                   const std::optional<SortKey>& after, size_t wanted);

}  // namespace seshat::sqlite_metadata_store
