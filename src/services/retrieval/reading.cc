#include "services/retrieval/reading.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "core/base/bytes.h"
#include "core/records/blob_key.h"

namespace seshat::retrieval {
namespace {

// Hashes in order what may arrive out of order.
class DigestSink : public BlobSink {
 public:
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    const std::lock_guard lock(mutex_);
    if (offset != next_) {
      waiting_bytes_ += data.size();
      if (waiting_bytes_ > kMaxWaitingBytes)
        return Fail(ErrorCode::kResourceExhausted, "the store reads too far out of order to be verified");
      waiting_.emplace(offset, std::string(AsText(data)));
      return {};
    }
    Take(data);
    for (auto at = waiting_.find(next_); at != waiting_.end(); at = waiting_.find(next_)) {
      Take(AsBytes(at->second));
      waiting_bytes_ -= at->second.size();
      waiting_.erase(at);
    }
    return {};
  }
  Sha256 Finish() { return hasher_.Finish(); }

 private:
  static constexpr size_t kMaxWaitingBytes = 256 << 20;
  void Take(ByteSpan data) {
    hasher_.Update(data);
    next_ += data.size();
  }

  std::mutex mutex_;
  Sha256Hasher hasher_;
  uint64_t next_ = 0;
  std::map<uint64_t, std::string> waiting_;
  size_t waiting_bytes_ = 0;
};

class ReadingFeed : public GetFeed {
 public:
  ReadingFeed(const std::vector<WantedFile>& files, const Advanced& advanced) : files_(files), advanced_(advanced) {}

  std::optional<GetRequest> Next() override {
    while (next_ < files_.size()) {
      const size_t index = next_++;
      auto key = BlobKey::Parse(files_[index].key);
      if (!key) {
        summary_.failed.push_back({index, std::move(key).error()});
        continue;
      }
      auto sink = std::make_shared<DigestSink>();
      sinks_.emplace(index, sink);
      return GetRequest{.key = std::move(*key), .sink = std::move(sink), .tag = index};
    }
    return std::nullopt;
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    const auto sink = std::move(sinks_.extract(tag).mapped());
    const WantedFile& file = files_[tag];
    if (!outcome) {
      // An object that a manifest names and the store lacks is lost data, whatever the store calls it.
      Error error = std::move(outcome.error());
      if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kDataLoss;
      summary_.failed.push_back({tag, std::move(error)});
    } else if (const Sha256 digest = sink->Finish(); digest != file.sha256) {
      summary_.failed.push_back(
          {tag,
           {ErrorCode::kDataLoss,
            fmt::format("its bytes have the SHA-256 {} instead of {}: the stored object {} is damaged", digest.ToHex(),
                        file.sha256.ToHex(), file.key)}});
    } else {
      ++summary_.good;
      summary_.bytes += file.size;
    }
    advanced_(1, file.size);
  }

  ReadingSummary Take() { return std::move(summary_); }

 private:
  const std::vector<WantedFile>& files_;
  const Advanced& advanced_;
  size_t next_ = 0;
  std::map<uint64_t, std::shared_ptr<DigestSink>> sinks_;
  ReadingSummary summary_;
};

}  // namespace

ReadingSummary ReadAndCompare(BlobStore& store, const std::vector<WantedFile>& files, const Advanced& advanced,
                              std::stop_token stop) {
  ReadingFeed feed(files, advanced);
  store.GetAll(feed, std::move(stop));
  return feed.Take();
}

}  // namespace seshat::retrieval
