// Receipts and failure records of a session: which keys are records, and what they say.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/query/session_document.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"

namespace seshat::indexing {

struct StoredRecord {
  std::string key;
  std::string raw_key;   // of the file it is about, from the key
  bool receipt = false;  // otherwise a failure record
  uint32_t number = 0;   // of a failure record
  std::string path;      // of the file, raw bytes; empty where the record is damaged
  ResultDocument result;
};

// The record that a key under "<id>/processed/" names, without `path` and `result`; nothing for an output.
std::optional<StoredRecord> RecordOfKey(const SessionId& id, std::string_view key);

// Thread-safe.
class RecordReader {
 public:
  RecordReader(BlobStore& store, size_t remembered, uint64_t max_record_bytes);

  // Every record of the session, ordered by key. A damaged one has an outcome "failed" and says why.
  Result<std::vector<std::shared_ptr<const StoredRecord>>> ReadAll(const SessionId& id, const std::stop_token& stop);

 private:
  using Record = std::shared_ptr<const StoredRecord>;
  class Feed;

  Record Recall(const std::string& key);
  void Remember(Record record);

  BlobStore& store_;
  const size_t remembered_;
  const uint64_t max_record_bytes_;
  std::mutex mutex_;
  std::list<Record> recent_;  // most recently used first
  std::unordered_map<std::string, std::list<Record>::iterator> by_key_;
};

// Of several records about one (file, processor, version): the receipt, otherwise the last failure.
// `records` ordered by key.
std::vector<std::shared_ptr<const StoredRecord>> RecordsThatCount(
    const std::vector<std::shared_ptr<const StoredRecord>>& records);

}  // namespace seshat::indexing
