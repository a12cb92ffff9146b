#include "services/records/record_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "ports/blob_transfer.h"
#include "services/records/record_check.h"

namespace seshat::stored {
namespace {

// What reading answers for ever, because nothing stored ever changes.
bool IsPermanent(ErrorCode code) {
  return code == ErrorCode::kDataLoss || code == ErrorCode::kResourceExhausted || code == ErrorCode::kInvalidArgument;
}

// The records of all (stored file, processor, version), each with the one that counts.
struct Listing {
  uint64_t stored = 0;
  std::map<std::string, keys::RecordName, std::less<>> counting;  // by result prefix
};

Result<Listing> ListRecords(BlobStore& store, const SessionId& id, const std::stop_token& stop) {
  Listing listing;
  ListOptions options{.prefix = keys::ProcessedPrefix(id)};
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "reading records was stopped");
    auto page = store.List(options);
    if (!page) return std::unexpected(std::move(page).error().WithContext("listing " + options.prefix));
    for (const BlobInfo& blob : page->blobs) {
      auto name = keys::ParseRecord(id, blob.key);
      if (!name) continue;
      ++listing.stored;
      const auto [at, is_new] = listing.counting.try_emplace(name->result_prefix(), *name);
      keys::RecordName& counts = at->second;
      if (!is_new && !counts.receipt && (name->receipt || name->number > counts.number)) counts = *std::move(name);
    }
    options.start_after = std::move(page->next_start_after);
  } while (!options.start_after.empty());
  return listing;
}

std::variant<Receipt, ProcessingFailure, Error> Decode(const SessionId& id, const keys::RecordName& name,
                                                       std::string_view text) {
  if (name.receipt) {
    auto receipt = DecodeReceiptAt(id, name, text);
    if (!receipt) return std::move(receipt).error();
    return *std::move(receipt);
  }
  auto failure = DecodeFailureAt(id, name, text);
  if (!failure) return std::move(failure).error();
  failure->log_tail = {};
  return *std::move(failure);
}

}  // namespace

// Fetches the records that are not remembered, some at a time as the store wants them.
class RecordReader::Feed : public GetFeed {
 public:
  Feed(const SessionId& id, std::vector<Wanted> wanted, uint64_t max_bytes)
      : id_(id), wanted_(std::move(wanted)), max_bytes_(max_bytes) {}

  std::optional<GetRequest> Next() override {
    if (!status_ || next_ == wanted_.size()) return std::nullopt;
    const size_t index = next_++;
    const auto sink = std::make_shared<MemorySink>(max_bytes_);
    sinks_.emplace(index, sink);
    // ParseRecord answers for keys only.
    return GetRequest{.key = BlobKey::Parse(wanted_[index].name.key).value(), .sink = sink, .tag = index};
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    const auto sink = std::move(sinks_.extract(tag).mapped());
    Wanted& wanted = wanted_[tag];
    if (!outcome && !IsPermanent(outcome.error().code)) {
      if (status_) status_ = std::unexpected(std::move(outcome).error().WithContext("reading " + wanted.name.key));
      return;
    }
    StoredRecord record{.name = std::move(wanted.name), .raw_key = std::move(wanted.raw_key), .says = Error{}};
    if (outcome) {
      record.says = Decode(id_, record.name, sink->Take());
    } else {
      record.says = std::move(outcome).error().WithContext("reading " + record.name.key);
    }
    if (const auto* receipt = record.receipt()) record.raw_key = receipt->raw_key;
    if (const auto* failure = record.failure()) record.raw_key = failure->raw_key;
    found_.push_back(std::make_shared<const StoredRecord>(std::move(record)));
  }

  const Status& status() const { return status_; }
  bool finished() const { return found_.size() == wanted_.size(); }
  std::vector<Record> Take() { return std::move(found_); }

 private:
  const SessionId& id_;
  std::vector<Wanted> wanted_;
  const uint64_t max_bytes_;
  std::map<uint64_t, std::shared_ptr<MemorySink>> sinks_;
  size_t next_ = 0;
  Status status_;
  std::vector<Record> found_;
};

RecordReader::RecordReader(BlobStore& store, const RecordReaderOptions& options) : store_(store), options_(options) {}

RecordReader::Record RecordReader::Recall(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, it->second);
  return *it->second;
}

void RecordReader::Remember(const Record& record) {
  // Which file a damaged one belongs to is known to the caller only.
  if (record->damage() != nullptr) return;
  const std::lock_guard lock(mutex_);
  if (options_.remembered == 0 || by_key_.contains(record->name.key)) return;
  if (recent_.size() >= options_.remembered) {
    by_key_.erase(recent_.back()->name.key);
    recent_.pop_back();
  }
  recent_.push_front(record);
  by_key_[record->name.key] = recent_.begin();
}

Result<SessionRecords> RecordReader::ReadFor(const StoredManifest& manifest, const std::stop_token& stop) {
  const RawKeys of_manifest = [&](const auto& use) {
    return manifest.ForEachFile(
        [&](const ManifestFile& file) -> Status {
          use(file.key);
          return {};
        },
        stop);
  };
  return Read(manifest.id(), of_manifest, stop);
}

Result<SessionRecords> RecordReader::ReadFor(const SessionId& id, const std::vector<std::string>& raw_keys,
                                             const std::stop_token& stop) {
  const RawKeys of_list = [&](const auto& use) -> Status {
    for (const std::string& key : raw_keys) use(key);
    return {};
  };
  return Read(id, of_list, stop);
}

Result<SessionRecords> RecordReader::ReadAll(const SessionId& id, const std::stop_token& stop) {
  return Read(id, {}, stop);
}

Result<SessionRecords> RecordReader::Read(const SessionId& id, const RawKeys& raw_keys, const std::stop_token& stop) {
  SESHAT_ASSIGN(Listing listing, ListRecords(store_, id, stop));
  SessionRecords records{.stored = listing.stored};
  // By place: what the listing has, each with the file that is asked about. Files may be millions.
  std::unordered_map<std::string, std::string> files;
  if (raw_keys && !listing.counting.empty()) {
    for (const auto& [prefix, name] : listing.counting) files.try_emplace(name.place);
    SESHAT_TRY(raw_keys([&](const std::string& raw_key) {
      // A file without a valid key has no place, and so no results.
      const auto key = BlobKey::Parse(raw_key);
      if (!key) return;
      for (const std::string& place : keys::ResultPlaces(id, *key))
        if (const auto file = files.find(place); file != files.end()) file->second = raw_key;
    }));
  }
  std::vector<Wanted> wanted;
  for (auto& [prefix, name] : listing.counting) {
    std::string raw_key;
    if (raw_keys) {
      raw_key = files.at(name.place);
      if (raw_key.empty()) continue;
    }
    if (auto known = Recall(name.key)) {
      records.counting.push_back(std::move(known));
    } else {
      wanted.push_back({std::move(name), std::move(raw_key)});
    }
  }
  if (!wanted.empty()) {
    Feed feed(id, std::move(wanted), options_.max_record_bytes);
    store_.GetAll(feed, stop);
    SESHAT_TRY(feed.status());
    if (!feed.finished()) return Fail(ErrorCode::kCancelled, "reading records was stopped");
    for (Record& record : feed.Take()) {
      Remember(record);
      records.counting.push_back(std::move(record));
    }
  }
  std::ranges::sort(records.counting, {}, [](const Record& record) -> const std::string& { return record->name.key; });
  return records;
}

Result<std::set<std::string>> ListReceipts(BlobStore& store, const SessionId& id, std::string_view processor,
                                           std::string_view version, const std::stop_token& stop) {
  std::set<std::string> receipts;
  ListOptions options{.prefix = keys::ProcessorPrefix(id, processor, version)};
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "looking for receipts was stopped");
    SESHAT_ASSIGN(ListPage page, store.List(options));
    for (BlobInfo& blob : page.blobs) {
      const auto name = keys::ParseRecord(id, blob.key);
      if (name && name->receipt) receipts.insert(std::move(blob.key));
    }
    options.start_after = std::move(page.next_start_after);
  } while (!options.start_after.empty());
  return receipts;
}

}  // namespace seshat::stored
