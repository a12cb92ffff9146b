#include "services/processing/result_store.h"

#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "services/processing/compare_blob.h"

namespace seshat::processing {
namespace {

constexpr uint32_t kMaxFailures = 999;
constexpr uint64_t kMaxFailureBytes = 1 << 20;

// What one output is, and where it is to go.
struct Pending {
  OutputFile file;
  bool taken = false;  // the key was not ours to write
};

// Feeds the outputs that have no place yet, opening each only when its turn comes.
class OutputFeed : public PutFeed {
 public:
  OutputFeed(ScratchArea& area, std::vector<Pending>& pending, std::vector<size_t> which, const PriceTable* prices)
      : area_(area), pending_(pending), which_(std::move(which)), prices_(prices) {}

  std::optional<PutRequest> Next() override {
    if (!status_ || next_ == which_.size()) return std::nullopt;
    const size_t index = which_[next_++];
    const OutputFile& file = pending_[index].file;
    auto source = area_.OpenOutput(file.name);
    auto key = BlobKey::Parse(file.key);
    if (!source || !key) {
      Note(!source ? source.error() : key.error());
      return std::nullopt;
    }
    return PutRequest{.key = *std::move(key),
                      .body = *std::move(source),
                      .storage_class = prices_ == nullptr
                                           ? StorageClass::kStandard
                                           : records::ChooseStorageClass(*prices_, ObjectKind::kData, file.size),
                      .sha256 = file.sha256,
                      .tag = index};
  }

  void Done(uint64_t tag, Result<PutOutcome> outcome) override {
    ++done_;
    if (outcome) {
      pending_[tag].file.checksum = std::move(outcome->checksum);
      return;
    }
    // kInvalidArgument: an output "a" of another attempt is in the way of our "a/b", in a store that cannot
    // hold both.
    const ErrorCode code = outcome.error().code;
    if (code == ErrorCode::kAlreadyExists || code == ErrorCode::kInvalidArgument) {
      pending_[tag].taken = true;
    } else {
      Note(std::move(outcome).error());
    }
  }

  Status status() const {
    if (status_ && done_ != which_.size()) return Fail(ErrorCode::kCancelled, "the worker is stopping");
    return status_;
  }

 private:
  void Note(Error error) {
    if (status_) status_ = std::unexpected(std::move(error));
  }

  ScratchArea& area_;
  std::vector<Pending>& pending_;
  std::vector<size_t> which_;
  const PriceTable* prices_;
  size_t next_ = 0;
  size_t done_ = 0;
  Status status_;
};

Result<std::vector<Pending>> Describe(ScratchArea& area, const std::vector<CollectedOutput>& outputs,
                                      const std::string& prefix, const std::stop_token& stop) {
  std::vector<Pending> pending;
  pending.reserve(outputs.size());
  for (const CollectedOutput& output : outputs) {
    SESHAT_ASSIGN(const auto source, area.OpenOutput(output.name));
    SESHAT_ASSIGN(const Sha256 digest, HashSource(*source, stop));
    SESHAT_ASSIGN(const BlobKey key, keys::Output(prefix, output.name));
    pending.push_back({.file = {.name = output.name, .key = key.value(), .size = source->size(), .sha256 = digest}});
  }
  return pending;
}

// Whether the object in the way is this very output.
Result<bool> IsOurs(BlobStore& store, ScratchArea& area, const OutputFile& file, const std::stop_token& stop) {
  SESHAT_ASSIGN(const BlobKey key, BlobKey::Parse(file.key));
  SESHAT_ASSIGN(auto source, area.OpenOutput(file.name));
  auto same = HoldsSameBytes(store, key, std::move(source), stop);
  if (!same && same.error().code == ErrorCode::kNotFound) return false;  // something else blocks the key
  return same;
}

std::vector<size_t> AllOf(size_t count) {
  std::vector<size_t> all(count);
  for (size_t i = 0; i < count; ++i) all[i] = i;
  return all;
}

}  // namespace

BlobKey ResultStore::receipt_key() const { return keys::Receipt(prefix_); }

Result<bool> ResultStore::HasReceipt() {
  const auto info = store_.Stat(receipt_key());
  if (info) return true;
  if (info.error().code == ErrorCode::kNotFound) return false;
  return std::unexpected(info.error());
}

Result<std::vector<OutputFile>> ResultStore::PutOutputs(ScratchArea& area, const std::vector<CollectedOutput>& outputs,
                                                        const std::string& nonce, const PriceTable& prices,
                                                        const std::stop_token& stop) {
  SESHAT_ASSIGN(std::vector<Pending> pending, Describe(area, outputs, prefix_, stop));
  const PriceTable* table = store_.capabilities().storage_classes ? &prices : nullptr;
  OutputFeed first(area, pending, AllOf(pending.size()), table);
  store_.PutAll(first, stop);
  SESHAT_TRY(first.status());

  std::vector<size_t> elsewhere;
  for (size_t i = 0; i < pending.size(); ++i) {
    if (!pending[i].taken) continue;
    OutputFile& file = pending[i].file;
    SESHAT_ASSIGN(const bool ours, IsOurs(store_, area, file, stop));
    pending[i].taken = false;
    if (ours) continue;
    SESHAT_ASSIGN(const BlobKey key, keys::AttemptOutput(prefix_, nonce, file.name));
    file.key = key.value();
    elsewhere.push_back(i);
  }
  OutputFeed second(area, pending, elsewhere, table);
  store_.PutAll(second, stop);
  SESHAT_TRY(second.status());

  std::vector<OutputFile> stored;
  stored.reserve(pending.size());
  for (Pending& output : pending) {
    if (output.taken)
      return Fail(ErrorCode::kUnavailable, "an output has no free key: the attempt is repeated with others");
    stored.push_back(std::move(output.file));
  }
  return stored;
}

Result<bool> ResultStore::PutReceipt(const Receipt& receipt) {
  const auto put = PutBytes(store_, receipt_key(), records::EncodeReceipt(receipt));
  if (put) return true;
  if (put.error().code == ErrorCode::kAlreadyExists) return false;
  return std::unexpected(put.error());
}

Result<BlobKey> ResultStore::PutFailure(const ProcessingFailure& failure) {
  const std::string text = records::EncodeProcessingFailure(failure);
  for (uint32_t number = 1; number <= kMaxFailures; ++number) {
    BlobKey key = keys::Failure(prefix_, number);
    const auto put = PutBytes(store_, key, text);
    if (put) return key;
    if (put.error().code != ErrorCode::kAlreadyExists) return std::unexpected(put.error());
    // Ours, where the answer to the first try was lost on the way.
    SESHAT_ASSIGN(const bool same, HoldsSameBytes(store_, key, SourceFromBytes(text), {}));
    if (same) return key;
  }
  return keys::Failure(prefix_, kMaxFailures);  // nothing new to say
}

Result<std::optional<FoundFailure>> ResultStore::LastFailure() {
  SESHAT_ASSIGN(const ListPage page, store_.List({.prefix = keys::FailurePrefix(prefix_)}));
  if (page.blobs.empty()) return std::nullopt;
  SESHAT_ASSIGN(BlobKey key, BlobKey::Parse(page.blobs.back().key));
  SESHAT_ASSIGN(const std::string text, GetBytes(store_, key, kMaxFailureBytes));
  SESHAT_ASSIGN(ProcessingFailure failure, records::DecodeProcessingFailure(text));
  return FoundFailure{.key = std::move(key), .failure = std::move(failure)};
}

}  // namespace seshat::processing
