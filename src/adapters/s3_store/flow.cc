#include "adapters/s3_store/flow.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace seshat::s3_store {
namespace {

// Sizes differ by an eighth at most, and by a page at least.
constexpr size_t kPage = 4 << 10;
constexpr size_t kSteps = 8;

}  // namespace

http::RequestId Flow::Send(http::Request request, http::Done done) {
  controller_.Begun(clock_.SteadyNow());
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
  if (controller_.paced())
    timeout = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(controller_.next() - clock_.SteadyNow()),
                         std::chrono::milliseconds(0), timeout);
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
  budget_->pool_.Give(std::move(bytes_), capacity_);
  budget_ = nullptr;
  size_ = 0;
  capacity_ = 0;
}

size_t BufferPool::Capacity(uint64_t bytes) {
  const size_t step = std::max(std::bit_floor(static_cast<size_t>(bytes)) / kSteps, kPage);
  return (bytes + step - 1) / step * step;
}

std::unique_ptr<std::byte[]> BufferPool::Take(size_t capacity) {
  used_ += capacity;
  if (const auto kept = kept_.find(capacity); kept != kept_.end() && !kept->second.empty()) {
    auto bytes = std::move(kept->second.back());
    kept->second.pop_back();
    kept_bytes_ -= capacity;
    return bytes;
  }
  // Other sizes than these are asked for now.
  if (used_ + kept_bytes_ > limit_) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  return std::make_unique_for_overwrite<std::byte[]>(capacity);
}

void BufferPool::Give(std::unique_ptr<std::byte[]> bytes, size_t capacity) {
  used_ -= capacity;
  if (used_ + kept_bytes_ + capacity > limit_) return;
  kept_bytes_ += capacity;
  kept_[capacity].push_back(std::move(bytes));
}

bool Budget::Has(uint64_t bytes) const {
  const uint64_t capacity = BufferPool::Capacity(bytes);
  return used_ == 0 || (used_ + capacity <= limit_ && pool_.used_ + capacity <= pool_.limit_);
}

Budget::Buffer Budget::Take(size_t bytes) {
  Buffer buffer;
  buffer.budget_ = this;
  buffer.size_ = bytes;
  buffer.capacity_ = BufferPool::Capacity(bytes);
  buffer.bytes_ = pool_.Take(buffer.capacity_);
  used_ += buffer.capacity_;
  return buffer;
}

}  // namespace seshat::s3_store
