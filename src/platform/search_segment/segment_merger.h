// Makes one segment out of several, leaving out documents that are no longer there.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "platform/search_segment/doc_set.h"
#include "platform/search_segment/segment.h"

namespace seshat::search_segment {

struct MergeSource {
  std::shared_ptr<const Segment> segment;
  DocSet live;
};

// At most kMaxSegmentDocs live documents together. kDataLoss where a source turns out to be damaged.
Result<std::string> MergeSegments(std::span<const MergeSource> sources);

}  // namespace seshat::search_segment
