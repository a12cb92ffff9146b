// The segments that one transaction sees, and the cache that keeps them open. Private to the adapter.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/sqlite_metadata_store/segment_files.h"
#include "core/base/error.h"
#include "platform/search_segment/doc_set.h"
#include "platform/search_segment/segment.h"
#include "platform/sqlite/database.h"

namespace seshat::sqlite_metadata_store {

struct LiveSegment {
  int64_t id = 0;
  uint64_t dead = 0;  // documents that newer ones have replaced, or that are gone
  std::shared_ptr<const search_segment::Segment> segment;
  std::shared_ptr<const MappedFile> file;  // that has it; null where it lies in the database
  std::shared_ptr<const search_segment::DocSet> live;

  uint64_t live_docs() const { return segment->docs() - dead; }
};

struct IndexView {
  std::vector<LiveSegment> segments;
  uint64_t sessions() const;
};

// Thread-safe.
class SegmentCache {
 public:
  explicit SegmentCache(const SegmentFiles& files) : files_(files) {}

  // What the transaction of `db` sees. kNotFound where a segment's file has gone since the transaction began, which
  // a new transaction will not see; kDataLoss and kUnsupported as Segment::Open.
  Result<IndexView> Load(sqlite::Database& db);
  void Clear();

 private:
  struct Row {
    int64_t id = 0;
    uint64_t docs = 0;
    uint64_t bytes = 0;
    uint64_t dead = 0;
    bool in_file = false;
  };
  Status Open(sqlite::Database& db, const Row& row, LiveSegment& out);

  const SegmentFiles& files_;
  std::mutex mutex_;
  std::map<int64_t, LiveSegment> open_;
};

// `live` as the table keeps it: a bit for each dead document.
std::string DeadBits(const search_segment::DocSet& live);

}  // namespace seshat::sqlite_metadata_store
