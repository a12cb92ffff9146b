// Scores of matches. Private to the adapter.
//
// A text of the query adds to a session's score, word by word: the rarer the word, the more; the more often in the
// session, the more, but ever less. The length of a value does not count. A pattern or a misspelt word counts once, by
// how many sessions match it. `^boost` multiplies. Texts below NOT do not count.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/search_segment/segment_query.h"
#include "adapters/sqlite_metadata_store/field_order.h"
#include "adapters/sqlite_metadata_store/matches.h"

namespace seshat::sqlite_index {

// Of so many matches at most, the newest ones, the score is looked at: a word that most sessions have says little.
inline constexpr size_t kMostRanked = 5000;

using Traces = std::vector<search_segment::ScoreTrace>;  // one for each segment

// The newest matches, best first; the key's number is the score.
std::vector<OrderedRow> RankNewest(const Matches& matches, const search_segment::SegmentQuery& query,
                                   const Traces& traces);

}  // namespace seshat::sqlite_index
