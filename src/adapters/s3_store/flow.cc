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
      size_(std::exchange(other.size_, 0)) {}

Budget::Buffer& Budget::Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  Reset();
  budget_ = std::exchange(other.budget_, nullptr);
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

void Budget::Buffer::Reset() {
  if (budget_ == nullptr) return;
  budget_->used_ -= size_;
  if (size_ == budget_->kept_bytes_) {
    budget_->kept_.push_back(std::move(bytes_));
  } else {
    bytes_.reset();
  }
  budget_ = nullptr;
  size_ = 0;
}

Budget::Buffer Budget::Take(size_t bytes) {
  used_ += bytes;
  if (bytes == kept_bytes_ && !kept_.empty()) {
    auto kept = std::move(kept_.back());
    kept_.pop_back();
    return {this, std::move(kept), bytes};
  }
  return {this, std::make_unique_for_overwrite<std::byte[]>(bytes), bytes};
}

}  // namespace seshat::s3_store
