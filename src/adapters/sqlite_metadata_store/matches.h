// What a search has found: for each segment the documents that match. Private to the adapter.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/sqlite_metadata_store/index_view.h"
#include "platform/search_segment/doc_set.h"
#include "platform/search_segment/segment.h"
#include "ports/search_request.h"

namespace seshat::sqlite_metadata_store {

struct Matches {
  const IndexView* view = nullptr;
  std::vector<search_segment::DocSet> found;  // one for each segment of the view
  std::vector<size_t> counts;                 // their sizes

  void Add(search_segment::DocSet docs);
  uint64_t total() const;
};

// A document of a view.
struct DocPlace {
  size_t segment = 0;
  size_t doc = 0;
};

// View into the segment.
std::string_view SessionIdOf(const search_segment::Segment& segment, size_t doc);
// started_at and session_id.
SortKey NewestKey(const search_segment::Segment& segment, size_t doc);

// The matches one after the other, newest first.
class NewestWalk {
 public:
  // Begins behind `after`, of which started_at and session_id count.
  NewestWalk(const Matches& matches, const SortKey* after);

  bool at_end() const { return heads_.empty(); }
  DocPlace place() const { return {heads_.front().segment, heads_.front().doc}; }
  void Next();

 private:
  struct Head {
    int64_t started_at;
    size_t segment;
    size_t doc;
  };
  bool ComesLater(const Head& a, const Head& b) const;
  void Push(size_t segment, size_t doc);

  const Matches& matches_;
  std::vector<Head> heads_;  // a heap
};

}  // namespace seshat::sqlite_metadata_store
