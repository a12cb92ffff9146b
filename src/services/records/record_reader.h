// Receipts and failure records of sessions: which of them count, and what they say.
//
// Of several records about one (stored file, processor, version) one counts: the receipt, otherwise the last failure.
// Which one that is, the keys tell; only those are read, many at a time. Each is held against its key: a record that
// says something else is damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "services/records/stored_manifest.h"

namespace seshat::stored {

struct StoredRecord {
  keys::RecordName name;
  // Of the file that it is about: of the manifest, or as the record says. Empty for a damaged record without a manifest.
  std::string raw_key;
  // What it says (a failure without its log); kDataLoss or kResourceExhausted, naming the key, where it is damaged:
  // the same for ever, because nothing stored ever changes.
  std::variant<Receipt, ProcessingFailure, Error> says;

  const Receipt* receipt() const { return std::get_if<Receipt>(&says); }
  const ProcessingFailure* failure() const { return std::get_if<ProcessingFailure>(&says); }
  const Error* damage() const { return std::get_if<Error>(&says); }
};

struct SessionRecords {
  // Receipts and failure records that lie below the session, whatever revision they are about and whether they count:
  // it only ever grows.
  uint64_t stored = 0;
  std::vector<std::shared_ptr<const StoredRecord>> counting;  // ordered by key
};

struct RecordReaderOptions {
  // Records never change, so one is read once while it is remembered: this many (about 1 KB each).
  size_t remembered = 0;
  // A receipt needs some 250 bytes for an output, and 10,000 outputs are allowed for a run.
  uint64_t max_record_bytes = uint64_t{16} << 20;
};

// Thread-safe.
class RecordReader {
 public:
  explicit RecordReader(BlobStore& store, const RecordReaderOptions& options = {});

  // The records that count for this manifest: those about a file that it lists. Holds the keys of records, not of files.
  Result<SessionRecords> ReadFor(const StoredManifest& manifest, const std::stop_token& stop);
  // Those about these stored files only; `stored` counts all of the session.
  Result<SessionRecords> ReadFor(const SessionId& id, const std::vector<std::string>& raw_keys,
                                 const std::stop_token& stop);
  // Those about any file of the session, of whatever revision.
  Result<SessionRecords> ReadAll(const SessionId& id, const std::stop_token& stop);

 private:
  using Record = std::shared_ptr<const StoredRecord>;
  // What is to be read.
  struct Wanted {
    keys::RecordName name;
    std::string raw_key;  // empty: as the record says
  };
  class Feed;

  // Calls its argument for every stored file that is asked about.
  using RawKeys = std::function<Status(const std::function<void(const std::string& raw_key)>&)>;
  // `raw_keys` empty: about any file.
  Result<SessionRecords> Read(const SessionId& id, const RawKeys& raw_keys, const std::stop_token& stop);
  Record Recall(const std::string& key);
  void Remember(const Record& record);

  BlobStore& store_;
  const RecordReaderOptions options_;
  std::mutex mutex_;
  std::list<Record> recent_;  // most recently used first
  std::unordered_map<std::string, std::list<Record>::iterator> by_key_;
};

// The keys of the receipts that one version of a processor has left below the session.
Result<std::set<std::string>> ListReceipts(BlobStore& store, const SessionId& id, std::string_view processor,
                                           std::string_view version, const std::stop_token& stop);

}  // namespace seshat::stored
