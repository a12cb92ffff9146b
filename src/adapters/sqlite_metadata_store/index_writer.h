// Writes documents into the index. Private to the adapter.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite_metadata_store/index_view.h"
#include "adapters/sqlite_metadata_store/segment_files.h"
#include "adapters/sqlite_metadata_store/segment_table.h"
#include "core/base/error.h"
#include "core/query/session_document.h"
#include "platform/sqlite/database.h"

namespace seshat::sqlite_metadata_store {

// One connection's worth: not thread-safe.
class IndexWriter {
 public:
  // Segments above `inline_bytes` get a file of their own.
  IndexWriter(sqlite::Database& db, const SegmentFiles& files, size_t inline_bytes)
      : db_(db), files_(files), table_(db, files, inline_bytes) {}

  // Makes segments of an older format anew, from the documents in the database, in one transaction: some minutes for a
  // million sessions. kUnsupported for those of a newer one. Before anything else is called.
  Status BringUpToDate();

  // All of them in one transaction, or none.
  Status Upsert(std::span<const SessionDocument> documents);
  Result<std::string> BeginRebuild();
  Status FinishRebuild(std::string_view token);

 private:
  struct Rebuild {
    int64_t generation = 0;
    std::string token;  // empty: none is going on
  };
  struct Changes {
    std::map<int64_t, const SessionDocument*> added;  // by sid
    std::vector<std::string> gone;                    // sessions whose document in a segment is no longer the one
  };

  Status Transact(const std::function<Status()>& body);
  Result<Rebuild> ReadRebuild();
  Result<int64_t> ReadFormat();
  Status MakeAllSegments();
  Status UpsertOne(const SessionDocument& document, const Rebuild& rebuild, Changes& changes);
  Status AddSegments(const Changes& changes);

  sqlite::Database& db_;
  const SegmentFiles& files_;
  SegmentTable table_;
};

}  // namespace seshat::sqlite_metadata_store
