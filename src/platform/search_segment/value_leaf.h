// Comparisons, ranges and "has the field" on one segment. What a value satisfies is decided by core's Satisfies and
// IsWithin alone; the order of entries only spares asking it for each of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/query/query.h"
#include "platform/search_segment/segment.h"

namespace seshat::search_segment {

// Adds the documents of `segment` with a value in one of the fields (folded names).
void AddCompared(const Segment& segment, const std::vector<std::string>& fields, const Compare& node, DocSet& docs);
void AddInRange(const Segment& segment, const std::vector<std::string>& fields, const Range& node, DocSet& docs);
void AddExisting(const Segment& segment, const std::vector<std::string>& fields, DocSet& docs);

// The first entry in [begin, end) for which `is_behind` holds: false before it, true from it on.
uint32_t PartitionPoint(const SegmentField& field, uint32_t begin, uint32_t end,
                        const std::function<bool(const ValueEntry&)>& is_behind);

// Numbers so near to each other that their order by double does not settle how they compare: units are converted,
// large integers compared exactly.
bool AreNear(double a, double b);

}  // namespace seshat::search_segment
