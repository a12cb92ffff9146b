// The list of segments as its writer changes it: adding, marking documents dead, merging. Private to the adapter.
//
// A search looks at every segment, and a merge writes all that it merges anew. So segments are kept in levels of a
// factor of eight: eight of one level become one of the next, up to 65,536 documents. A million sessions are some
// fifteen large segments and two dozen smaller ones, and each was written five times.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite_metadata_store/index_view.h"
#include "adapters/sqlite_metadata_store/segment_files.h"
#include "core/base/error.h"
#include "platform/sqlite/database.h"

namespace seshat::sqlite_metadata_store {

// Within one transaction of `db` between Begin and the end that it is told of. Not thread-safe.
class SegmentTable {
 public:
  SegmentTable(sqlite::Database& db, const SegmentFiles& files, size_t inline_bytes)
      : db_(db), files_(files), cache_(files), inline_bytes_(inline_bytes) {}

  Status Begin();
  void Committed();
  void RolledBack();

  Status Add(const std::string& content, size_t docs);
  // The documents of these sessions, each of which is live in one segment.
  Status MarkDead(std::span<const std::string> session_ids);
  Status MergeWhatIsDue();

 private:
  Status MarkOneDead(std::string_view session_id, std::set<size_t>& touched);
  Status Drop(const LiveSegment& segment);
  // Those to merge next, as places in view_; empty: nothing is due.
  std::vector<size_t> Due() const;
  Status Merge(const std::vector<size_t>& places);

  sqlite::Database& db_;
  const SegmentFiles& files_;
  SegmentCache cache_;
  size_t inline_bytes_;
  bool cleaned_ = false;
  IndexView view_;
  std::vector<int64_t> written_;   // files of this transaction
  std::vector<int64_t> obsolete_;  // files that it no longer needs
};

}  // namespace seshat::sqlite_metadata_store
