// A large file on its way: keeps to the bandwidth limit, and remembers whether an error was the source's own (a
// store hands both kinds back through the same door).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "ports/blob_store.h"
#include "ports/clock.h"
#include "services/migration/rules/token_bucket.h"

namespace seshat::migration {

class UploadBody : public BlobSource {
 public:
  UploadBody(std::shared_ptr<BlobSource> file, std::shared_ptr<TokenBucket> bandwidth, Clock& clock,
             std::stop_token stop)
      : file_(std::move(file)), bandwidth_(std::move(bandwidth)), clock_(clock), stop_(std::move(stop)) {}

  uint64_t size() const override { return file_->size(); }

  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    for (auto wait = bandwidth_->Wait(); wait.count() > 0; wait = bandwidth_->Wait())
      if (!clock_.SleepFor(wait, stop_)) return Fail(ErrorCode::kCancelled, "stopped while reading");
    bandwidth_->Take(out.size());
    return Remember(file_->ReadAt(offset, out));
  }

  Status CheckUnchanged() override { return Remember(file_->CheckUnchanged()); }

  std::optional<Error> error() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  Status Remember(Status status) {
    if (!status) {
      const std::lock_guard lock(mutex_);
      error_ = status.error();
    }
    return status;
  }

  std::shared_ptr<BlobSource> file_;
  std::shared_ptr<TokenBucket> bandwidth_;
  Clock& clock_;
  std::stop_token stop_;
  mutable std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace seshat::migration
