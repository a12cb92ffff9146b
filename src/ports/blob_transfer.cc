#include "ports/blob_transfer.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

namespace seshat {
namespace {

class BytesSource : public BlobSource {
 public:
  explicit BytesSource(std::string bytes) : bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_.size(); }
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset)
      return Fail(ErrorCode::kSourceChanged, "read beyond the end of the bytes");
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }
  Status CheckUnchanged() override { return {}; }

 private:
  std::string bytes_;
};

// Hands out one request and keeps its outcome.
template <typename Feed, typename Request, typename Outcome>
class SingleFeed : public Feed {
 public:
  explicit SingleFeed(Request request) : request_(std::move(request)) {}
  std::optional<Request> Next() override { return std::exchange(request_, std::nullopt); }
  void Done(uint64_t, Result<Outcome> outcome) override { outcome_ = std::move(outcome); }
  Result<Outcome> Take() {
    if (!outcome_) return Fail(ErrorCode::kInternal, "the store returned without an outcome");
    return *std::move(outcome_);
  }

 private:
  std::optional<Request> request_;
  std::optional<Result<Outcome>> outcome_;
};

}  // namespace

std::shared_ptr<BlobSource> SourceFromBytes(std::string bytes) {
  return std::make_shared<BytesSource>(std::move(bytes));
}

struct MemorySink::State {
  uint64_t max_bytes;
  std::mutex mutex;
  std::string bytes;
};

MemorySink::MemorySink(uint64_t max_bytes) : state_(std::make_unique<State>()) { state_->max_bytes = max_bytes; }
MemorySink::~MemorySink() = default;

Status MemorySink::WriteAt(uint64_t offset, ByteSpan data) {
  const std::lock_guard lock(state_->mutex);
  if (offset > state_->max_bytes || data.size() > state_->max_bytes - offset)
    return Fail(ErrorCode::kResourceExhausted, "the object is larger than expected");
  if (state_->bytes.size() < offset + data.size()) state_->bytes.resize(offset + data.size());
  if (!data.empty()) std::memcpy(state_->bytes.data() + offset, data.data(), data.size());
  return {};
}

std::string MemorySink::Take() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->bytes, {});
}

Result<PutOutcome> PutOne(BlobStore& store, PutRequest request, std::stop_token stop) {
  SingleFeed<PutFeed, PutRequest, PutOutcome> feed(std::move(request));
  store.PutAll(feed, std::move(stop));
  return feed.Take();
}

Result<BlobInfo> GetOne(BlobStore& store, GetRequest request, std::stop_token stop) {
  SingleFeed<GetFeed, GetRequest, BlobInfo> feed(std::move(request));
  store.GetAll(feed, std::move(stop));
  return feed.Take();
}

Result<PutOutcome> PutBytes(BlobStore& store, const BlobKey& key, std::string bytes, StorageClass storage_class) {
  const Sha256 digest = Sha256::Of(AsBytes(bytes));
  PutRequest request{
      .key = key, .body = SourceFromBytes(std::move(bytes)), .storage_class = storage_class, .sha256 = digest};
  return PutOne(store, std::move(request));
}

Result<std::string> GetBytes(BlobStore& store, const BlobKey& key, uint64_t max_bytes) {
  auto sink = std::make_shared<MemorySink>(max_bytes);
  SESHAT_TRY(GetOne(store, GetRequest{.key = key, .sink = sink}));
  return sink->Take();
}

}  // namespace seshat
