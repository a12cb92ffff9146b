#include "adapters/s3_store/flow.h"

#include <algorithm>
#include <utility>

namespace seshat::s3_store {

http::RequestId Flow::Send(http::Request request, http::Done done) {
  return client_.Start(std::move(request), [this, done = std::move(done)](http::Outcome outcome) mutable {
    const auto now = clock_.SteadyNow();
    if (outcome.response) {
      controller_.Answered(outcome.exchange.bytes_sent + outcome.exchange.bytes_received, now);
    } else if (outcome.response.error().retryable()) {
      controller_.Lost(now);
    }
    done(std::move(outcome));
  });
}

void Flow::Poll(std::chrono::milliseconds timeout) {
  client_.Poll(timeout);
  const uint64_t refused = client_.throttled();
  if (refused != refused_) controller_.Refused(refused - refused_, clock_.SteadyNow());
  refused_ = refused;
}

Budget::Buffer::Buffer(Buffer&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)),
      bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Budget::Buffer& Budget::Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  Reset();
  budget_ = std::exchange(other.budget_, nullptr);
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

void Budget::Buffer::Reset() {
  if (budget_ == nullptr) return;
  budget_->used_ -= capacity_;
  if (budget_->used_ + budget_->kept_bytes_ + capacity_ <= budget_->limit_) {
    budget_->kept_bytes_ += capacity_;
    budget_->kept_[capacity_].push_back(std::move(bytes_));
  } else {
    bytes_.reset();
  }
  budget_ = nullptr;
  size_ = 0;
  capacity_ = 0;
}

Budget::Buffer Budget::Take(size_t bytes) {
  Buffer buffer;
  buffer.budget_ = this;
  buffer.size_ = bytes;
  buffer.capacity_ = Capacity(bytes);
  used_ += buffer.capacity_;
  if (const auto kept = kept_.find(buffer.capacity_); kept != kept_.end() && !kept->second.empty()) {
    buffer.bytes_ = std::move(kept->second.back());
    kept->second.pop_back();
    kept_bytes_ -= buffer.capacity_;
    return buffer;
  }
  // Other sizes than these are asked for now.
  if (used_ + kept_bytes_ > limit_) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  buffer.bytes_ = std::make_unique_for_overwrite<std::byte[]>(buffer.capacity_);
  return buffer;
}

}  // namespace seshat::s3_store
