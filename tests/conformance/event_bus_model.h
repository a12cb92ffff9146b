// The contract of ports/event_bus.h as the plainest possible program, to compare buses with.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "ports/event_bus.h"

namespace seshat::testing {

class EventBusModel {
 public:
  struct Copy {  // of one event, for one subscription
    std::string id;
    uint32_t max_attempts = 0;
    uint32_t attempts = 0;
    enum { kWaiting, kLeased, kDead } state = kWaiting;
    Timestamp due = Timestamp::min();
    Timestamp published_at{};
    std::string handle;  // of the newest delivery
    std::string reason;
  };
  struct Subscription {
    SubscriptionSpec spec;
    std::vector<Copy> copies;

    Copy* ByHandle(const std::string& handle) {
      for (auto& c : copies)
        if (!handle.empty() && c.handle == handle) return &c;
      return nullptr;
    }
    Copy* ById(const std::string& id) {
      for (auto& c : copies)
        if (c.id == id) return &c;
      return nullptr;
    }
    void Bury(Timestamp now) {
      for (auto& c : copies)
        if (c.state == Copy::kLeased && c.due <= now && c.attempts >= c.max_attempts) c.state = Copy::kDead;
    }
    static bool Ready(const Copy& c, Timestamp now) { return c.state != Copy::kDead && c.due <= now; }
  };

  void Ensure(const SubscriptionSpec& spec) { subscriptions[spec.name].spec = spec; }

  void Publish(const Event& event, Timestamp now) {
    for (auto& [name, s] : subscriptions)
      if (s.spec.types.empty() || std::ranges::find(s.spec.types, event.type) != s.spec.types.end())
        s.copies.push_back({.id = event.id, .max_attempts = s.spec.max_attempts, .published_at = now});
  }

  std::map<std::string, Subscription> subscriptions;
};

}  // namespace seshat::testing
