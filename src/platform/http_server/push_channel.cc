#include "platform/http_server/push_channel.h"

#include <algorithm>
#include <utility>

namespace seshat::http_server {

class PushChannel::Writer : public BodyWriter {
 public:
  explicit Writer(std::shared_ptr<PushChannel> channel) : channel_(std::move(channel)) {}
  ~Writer() override { Writer::End(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Outcome Write(std::string_view text) override {
    PushChannel& channel = *channel_;
    const std::lock_guard lock(channel.mutex_);
    if (!channel.wake_ || channel.ended_) return Outcome::kClosed;
    if (!channel.waiting_.empty() && channel.waiting_.size() + text.size() > channel.capacity_) return Outcome::kFull;
    if (channel.waiting_.empty() && !text.empty()) channel.wake_();
    channel.waiting_ += text;
    return Outcome::kTaken;
  }

  bool WaitForRoom(std::chrono::milliseconds limit, std::stop_token stop) override {
    PushChannel& channel = *channel_;
    std::unique_lock lock(channel.mutex_);
    const auto free = [&] {
      return !channel.wake_ || channel.waiting_.size() < std::max<size_t>(1, channel.capacity_ / 2);
    };
    return channel.room_.wait_for(lock, std::move(stop), limit, free) && channel.wake_ && !channel.ended_;
  }

  void End() override {
    const std::lock_guard lock(channel_->mutex_);
    if (channel_->wake_ && !channel_->ended_) channel_->wake_();
    channel_->ended_ = true;
  }

  bool closed() const override {
    const std::lock_guard lock(channel_->mutex_);
    return !channel_->wake_ || channel_->ended_;
  }

 private:
  const std::shared_ptr<PushChannel> channel_;
};

std::unique_ptr<BodyWriter> PushChannel::MakeWriter() { return std::make_unique<Writer>(shared_from_this()); }

PushChannel::Taken PushChannel::Take() {
  const std::lock_guard lock(mutex_);
  Taken taken{std::exchange(waiting_, {}), ended_};
  room_.notify_all();
  return taken;
}

void PushChannel::Close() {
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
  waiting_.clear();
  room_.notify_all();
}

}  // namespace seshat::http_server
