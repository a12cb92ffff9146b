#include "services/processing/lease_keeper.h"

#include <utility>

namespace seshat::processing {

LeaseKeeper::LeaseKeeper(EventBus& bus, std::string_view subscription, std::string handle,
                         std::chrono::milliseconds lease, std::stop_token outer)
    : bus_(bus),
      subscription_(subscription),
      handle_(std::move(handle)),
      lease_(lease),
      outer_stopped_(std::move(outer), [this] { stopped_.request_stop(); }),
      thread_([this](const std::stop_token& done) { Loop(done); }) {}

LeaseKeeper::~LeaseKeeper() {
  thread_.request_stop();
  thread_.join();
}

void LeaseKeeper::Loop(const std::stop_token& done) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, done, lease_ / 3, [] { return false; });
    }
    if (done.stop_requested()) return;
    // A fault of the bus is no loss yet: the next round may succeed before the lease ends.
    const Status extended = bus_.Extend(subscription_, handle_, lease_);
    if (!extended && extended.error().code == ErrorCode::kNotFound) {
      stopped_.request_stop();
      return;
    }
  }
}

}  // namespace seshat::processing
