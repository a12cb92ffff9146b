// How many matches of a segment have each entry of a field. Private to the adapter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/search_segment/doc_set.h"
#include "platform/search_segment/segment.h"

namespace seshat::sqlite_metadata_store {

struct EntryCounts {
  std::vector<uint32_t> counts;  // by entry
  size_t present = 0;            // matches that have the field
};

// `members`: how many `docs` has.
EntryCounts CountEntries(const search_segment::SegmentField& field, const search_segment::DocSet& docs, size_t members);

std::vector<const search_segment::SegmentField*> FindFields(const search_segment::Segment& segment,
                                                            const std::vector<std::string>& fields);

// visit(entry) for each entry that at least one of `docs` has. Cheap where there are few.
template <typename Visit>
void ForEachEntryOf(const search_segment::SegmentField& field, size_t doc, std::vector<uint32_t>& scratch,
                    const Visit& visit) {
  scratch.clear();
  field.EntriesOf(doc, scratch);
  for (const uint32_t entry : scratch) visit(entry);
}

}  // namespace seshat::sqlite_metadata_store
