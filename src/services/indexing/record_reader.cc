#include "services/indexing/record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "core/records/blob_key.h"
#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "ports/blob_transfer.h"

namespace seshat::indexing {
namespace {

constexpr std::string_view kReceiptName = "receipt.json";
constexpr std::string_view kFailurePrefix = "failure-";
constexpr std::string_view kFailureSuffix = ".json";

std::optional<uint32_t> NumberOfFailure(std::string_view name) {
  if (!name.starts_with(kFailurePrefix) || !name.ends_with(kFailureSuffix)) return std::nullopt;
  name.remove_prefix(kFailurePrefix.size());
  if (name.size() <= kFailureSuffix.size()) return std::nullopt;
  name.remove_suffix(kFailureSuffix.size());
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// "<processor>-<version>", which cannot be taken apart with certainty: both may hold dashes.
std::string FolderOfKey(const SessionId& id, std::string_view key) {
  key.remove_prefix(keys::ProcessedPrefix(id).size());
  return std::string(key.substr(0, key.find('/')));
}

void FillFrom(const Receipt& receipt, StoredRecord& record) {
  record.path = receipt.path;
  record.result = {receipt.processor, receipt.version, "succeeded", record.key, "", {}};
  for (const auto& output : receipt.outputs)
    record.result.outputs.push_back({records::EncodePath(output.name), output.key, output.size});
}

void FillFrom(const ProcessingFailure& failure, StoredRecord& record) {
  record.path = failure.path;
  record.result = {failure.processor, failure.version, "failed", record.key, failure.reason, {}};
}

Status FillFromText(const SessionId& id, std::string_view text, StoredRecord& record) {
  const auto check = [&](const std::string& session, const std::string& raw_key) -> Status {
    if (session == id.value() && raw_key == record.raw_key) return {};
    return Fail(ErrorCode::kDataLoss, "it is about another file than its key says");
  };
  if (record.receipt) {
    SESHAT_ASSIGN(const auto receipt, records::DecodeReceipt(text));
    SESHAT_TRY(check(receipt.session_id, receipt.raw_key));
    FillFrom(receipt, record);
  } else {
    SESHAT_ASSIGN(const auto failure, records::DecodeProcessingFailure(text));
    SESHAT_TRY(check(failure.session_id, failure.raw_key));
    FillFrom(failure, record);
  }
  return {};
}

// What reading answers for ever, because nothing stored ever changes.
bool IsPermanent(ErrorCode code) {
  return code == ErrorCode::kDataLoss || code == ErrorCode::kResourceExhausted || code == ErrorCode::kInvalidArgument;
}

}  // namespace

std::optional<StoredRecord> RecordOfKey(const SessionId& id, std::string_view key) {
  const std::string prefix = keys::ProcessedPrefix(id);
  if (!key.starts_with(prefix)) return std::nullopt;
  const auto inner = key.substr(prefix.size());
  const size_t folder_end = inner.find('/');
  const size_t name_begin = inner.rfind('/');
  if (folder_end == std::string_view::npos || folder_end >= name_begin) return std::nullopt;
  const auto name = inner.substr(name_begin + 1);
  StoredRecord record;
  record.receipt = name == kReceiptName;
  if (!record.receipt) {
    const auto number = NumberOfFailure(name);
    if (!number) return std::nullopt;
    record.number = *number;
  }
  record.key = key;
  record.raw_key = fmt::format("{}/{}", id.value(), inner.substr(folder_end + 1, name_begin - folder_end - 1));
  return record;
}

// Fetches the records that are not remembered, some at a time as the store wants them.
class RecordReader::Feed : public GetFeed {
 public:
  Feed(RecordReader& reader, const SessionId& id, std::vector<StoredRecord> wanted)
      : reader_(reader), id_(id), wanted_(std::move(wanted)), sinks_(wanted_.size()) {}

  std::optional<GetRequest> Next() override {
    if (!status_ || next_ == wanted_.size()) return std::nullopt;
    const size_t index = next_++;
    auto key = BlobKey::Parse(wanted_[index].key);
    if (!key) {
      status_ = std::unexpected(std::move(key).error());
      return std::nullopt;
    }
    sinks_[index] = std::make_shared<MemorySink>(reader_.max_record_bytes_);
    return GetRequest{.key = *std::move(key), .sink = sinks_[index], .tag = index};
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    auto& record = wanted_[tag];
    const auto sink = std::exchange(sinks_[tag], nullptr);
    Status decoded;
    if (outcome) {
      decoded = FillFromText(id_, sink->Take(), record);
    } else if (IsPermanent(outcome.error().code)) {
      decoded = std::unexpected(std::move(outcome).error());
    } else {
      if (status_) status_ = std::unexpected(std::move(outcome).error().WithContext("reading " + record.key));
      return;
    }
    if (!decoded) {
      record.result = {FolderOfKey(id_, record.key),
                       "",
                       "failed",
                       record.key,
                       "the record cannot be read: " + decoded.error().message,
                       {}};
    }
    found_.push_back(std::make_shared<const StoredRecord>(std::move(record)));
  }

  const Status& status() const { return status_; }
  bool finished() const { return found_.size() == wanted_.size(); }
  std::vector<Record> Take() { return std::move(found_); }

 private:
  RecordReader& reader_;
  const SessionId& id_;
  std::vector<StoredRecord> wanted_;
  std::vector<std::shared_ptr<MemorySink>> sinks_;
  size_t next_ = 0;
  Status status_;
  std::vector<Record> found_;
};

RecordReader::RecordReader(BlobStore& store, size_t remembered, uint64_t max_record_bytes)
    : store_(store), remembered_(remembered), max_record_bytes_(max_record_bytes) {}

RecordReader::Record RecordReader::Recall(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, it->second);
  return *it->second;
}

void RecordReader::Remember(Record record) {
  const std::lock_guard lock(mutex_);
  if (remembered_ == 0 || by_key_.contains(record->key)) return;
  if (recent_.size() >= remembered_) {
    by_key_.erase(recent_.back()->key);
    recent_.pop_back();
  }
  recent_.push_front(std::move(record));
  by_key_[recent_.front()->key] = recent_.begin();
}

Result<std::vector<RecordReader::Record>> RecordReader::ReadAll(const SessionId& id, const std::stop_token& stop) {
  std::vector<Record> records;
  std::vector<StoredRecord> wanted;
  ListOptions options;
  options.prefix = keys::ProcessedPrefix(id);
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "reading records was stopped");
    auto page = store_.List(options);
    if (!page) return std::unexpected(std::move(page).error().WithContext("listing " + options.prefix));
    for (const auto& blob : page->blobs) {
      auto record = RecordOfKey(id, blob.key);
      if (!record) continue;
      if (auto known = Recall(record->key)) {
        records.push_back(std::move(known));
      } else {
        wanted.push_back(*std::move(record));
      }
    }
    options.start_after = std::move(page->next_start_after);
  } while (!options.start_after.empty());

  if (!wanted.empty()) {
    Feed feed(*this, id, std::move(wanted));
    store_.GetAll(feed, stop);
    SESHAT_TRY(feed.status());
    if (!feed.finished()) return Fail(ErrorCode::kCancelled, "reading records was stopped");
    for (auto& record : feed.Take()) {
      Remember(record);
      records.push_back(std::move(record));
    }
  }
  std::ranges::sort(records, {}, [](const Record& record) -> const std::string& { return record->key; });
  return records;
}

std::vector<std::shared_ptr<const StoredRecord>> RecordsThatCount(
    const std::vector<std::shared_ptr<const StoredRecord>>& records) {
  std::map<std::string_view, std::shared_ptr<const StoredRecord>> by_folder;
  for (const auto& record : records) {
    const auto folder = std::string_view(record->key).substr(0, record->key.rfind('/'));
    auto& counts = by_folder[folder];
    const bool better = counts == nullptr || (!counts->receipt && (record->receipt || record->number > counts->number));
    if (better) counts = record;
  }
  std::vector<std::shared_ptr<const StoredRecord>> chosen;
  chosen.reserve(by_folder.size());
  for (auto& [folder, record] : by_folder) chosen.push_back(std::move(record));
  return chosen;
}

}  // namespace seshat::indexing
