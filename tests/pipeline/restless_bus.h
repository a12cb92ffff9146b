// A bus that does everything that a bus may do: events come late, in another order, and more than once. It belongs to
// the world and not to a service, so what it holds back survives every crash.
#pragma once

#include <map>
#include <vector>

#include "pipeline/dice.h"
#include "ports/event_bus.h"

namespace seshat::testing {

// For one thread.
class RestlessBus : public EventBus {
 public:
  RestlessBus(EventBus& inner, Dice& dice) : inner_(inner), dice_(dice) {}

  // From now on nothing is held back; what was comes out.
  Status Settle() {
    calm_ = true;
    return Release();
  }

  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Status EnsureSubscription(const SubscriptionSpec& spec) override { return inner_.EnsureSubscription(spec); }
  Status Publish(std::span<const Event> events) override {
    for (const Event& event : events) {
      held_.push_back(event);
      if (!calm_ && dice_.OneIn(6)) held_.push_back(event);
    }
    return calm_ || dice_.OneIn(2) ? Release() : Status{};
  }
  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        std::stop_token stop) override {
    if (dice_.OneIn(2)) SESHAT_TRY(Release());
    return inner_.Receive(subscription, options, std::move(stop));
  }
  Status Acknowledge(std::string_view subscription, std::span<const std::string> handles) override {
    return inner_.Acknowledge(subscription, handles);
  }
  Status Retry(std::string_view subscription, std::string_view handle, std::chrono::milliseconds delay,
               std::string_view reason) override {
    return inner_.Retry(subscription, handle, delay, reason);
  }
  Status Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease) override {
    return inner_.Extend(subscription, handle, lease);
  }
  Result<DeadLetterPage> DeadLetters(std::string_view subscription, std::string_view start_after,
                                     size_t limit) override {
    return inner_.DeadLetters(subscription, start_after, limit);
  }
  Result<uint64_t> Redrive(std::string_view subscription, std::span<const std::string> ids) override {
    return inner_.Redrive(subscription, ids);
  }
  Result<SubscriptionStats> Stats(std::string_view subscription) override { return inner_.Stats(subscription); }

 private:
  // In any order.
  Status Release() {
    while (!held_.empty()) {
      const auto at = held_.begin() + static_cast<std::ptrdiff_t>(dice_.Below(held_.size()));
      SESHAT_TRY(inner_.Publish({&*at, 1}));
      held_.erase(at);
      if (!calm_ && dice_.OneIn(8)) break;
    }
    return {};
  }

  EventBus& inner_;
  Dice& dice_;
  bool calm_ = false;
  std::vector<Event> held_;
};

}  // namespace seshat::testing
