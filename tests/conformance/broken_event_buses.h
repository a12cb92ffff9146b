// Event buses with one thing wrong each, to prove that the suite notices.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "support/event_bus_harnesses.h"

namespace seshat::testing {

// Passes everything on; a broken bus overrides what it gets wrong.
class EventBusDecorator : public EventBus {
 public:
  EventBusDecorator(EventBus& inner, ManualClock& clock) : inner_(inner), clock_(clock) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Status EnsureSubscription(const SubscriptionSpec& spec) override { return inner_.EnsureSubscription(spec); }
  Status Publish(std::span<const Event> events) override { return inner_.Publish(events); }
  Result<std::vector<Delivery>> Receive(std::string_view s, const ReceiveOptions& options,
                                        std::stop_token stop) override {
    return inner_.Receive(s, options, std::move(stop));
  }
  Status Acknowledge(std::string_view s, std::span<const std::string> handles) override {
    return inner_.Acknowledge(s, handles);
  }
  Status Retry(std::string_view s, std::string_view handle, std::chrono::milliseconds delay,
               std::string_view reason) override {
    return inner_.Retry(s, handle, delay, reason);
  }
  Status Extend(std::string_view s, std::string_view handle, std::chrono::milliseconds lease) override {
    return inner_.Extend(s, handle, lease);
  }
  Result<DeadLetterPage> DeadLetters(std::string_view s, std::string_view after, size_t limit) override {
    return inner_.DeadLetters(s, after, limit);
  }
  Result<uint64_t> Redrive(std::string_view s, std::span<const std::string> ids) override {
    return inner_.Redrive(s, ids);
  }
  Result<SubscriptionStats> Stats(std::string_view s) override { return inner_.Stats(s); }

 protected:
  EventBus& inner_;
  ManualClock& clock_;
};

// A sound bus in memory under the broken one. Short limits: what fails here is meant to.
template <typename Broken>
class BrokenBusHarness : public MemoryBusHarness {
 public:
  EventBus& bus() override { return broken_; }
  std::chrono::milliseconds limit() const override { return std::chrono::milliseconds(300); }

 protected:
  Broken broken_{*bus_, clock_};
};

}  // namespace seshat::testing
