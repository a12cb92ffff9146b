// Makes a segment from documents.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/query/session_document.h"

namespace seshat::search_segment {

struct NumberedDocument {
  uint64_t sid = 0;
  const SessionDocument* document = nullptr;
};

// Documents of different sessions, at most kMaxSegmentDocs; together small enough that their values stay below 4 GiB.
std::string BuildSegment(std::span<const NumberedDocument> documents);

}  // namespace seshat::search_segment
