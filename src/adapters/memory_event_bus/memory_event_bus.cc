#include "adapters/memory_event_bus/memory_event_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <mutex>

#include "ports/event_bus_rules.h"

namespace seshat::memory_event_bus {
namespace {

namespace rules = event_bus_rules;
using std::chrono::milliseconds;

constexpr EventBus::Capabilities kCapabilities{.dead_letter_reasons = true, .exact_stats = true};

enum class State { kWaiting, kLeased, kDead };

struct Item {
  Event event;
  State state = State::kWaiting;
  Timestamp due = Timestamp::min();  // ready from, leased until, or died at
  Timestamp published_at{};
  uint32_t attempts = 0;
  uint32_t max_attempts = 0;
  uint64_t claims = 0;  // deliveries ever, so that no two have the same handle
  std::string reason;
};

struct Subscription {
  SubscriptionSpec spec;
  std::map<uint64_t, Item> items;
  std::vector<std::stop_source*> sleepers;

  bool Wants(std::string_view type) const {
    return spec.types.empty() || std::ranges::find(spec.types, type) != spec.types.end();
  }
  void Wake() {
    for (auto* sleeper : sleepers) sleeper->request_stop();
  }
  // Events whose last lease has ended die.
  void Sweep(Timestamp now) {
    for (auto& [number, item] : items)
      if (item.state == State::kLeased && item.due <= now && item.attempts >= item.max_attempts)
        item.state = State::kDead;
  }
  std::vector<Delivery> Claim(const ReceiveOptions& options, Timestamp now) {
    Sweep(now);
    std::vector<Delivery> deliveries;
    for (auto& [number, item] : items) {
      if (deliveries.size() == options.max_events) break;
      if (item.state == State::kDead || item.due > now) continue;
      item.state = State::kLeased;
      item.due = now + options.lease;
      ++item.claims;
      deliveries.push_back({item.event, fmt::format("{}.{}", number, item.claims), ++item.attempts});
    }
    return deliveries;
  }
  Timestamp NextDue() const {
    Timestamp next = Timestamp::max();
    for (const auto& [number, item] : items)
      if (item.state != State::kDead) next = std::min(next, item.due);
    return next;
  }
  // The delivery that `handle` names, unless the event was delivered anew since.
  std::map<uint64_t, Item>::iterator Find(std::string_view handle) {
    uint64_t number = 0;
    uint64_t claims = 0;
    const char* end = handle.data() + handle.size();
    const auto [dot, error] = std::from_chars(handle.data(), end, number);
    if (error != std::errc() || dot == end || *dot != '.') return items.end();
    const auto [rest, error2] = std::from_chars(dot + 1, end, claims);
    if (error2 != std::errc() || rest != end) return items.end();
    const auto it = items.find(number);
    return it != items.end() && it->second.claims == claims ? it : items.end();
  }
  std::map<uint64_t, Item>::iterator FindLeased(std::string_view handle, Timestamp now) {
    const auto it = Find(handle);
    const bool leased = it != items.end() && it->second.state == State::kLeased && it->second.due > now;
    return leased ? it : items.end();
  }
};

class MemoryEventBus : public EventBus {
 public:
  explicit MemoryEventBus(Clock& clock) : clock_(clock) {}
  const Capabilities& capabilities() const override { return kCapabilities; }

  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    SESHAT_TRY(rules::CheckSpec(spec));
    const std::lock_guard lock(mutex_);
    subscriptions_[spec.name].spec = spec;
    return {};
  }

  Status Publish(std::span<const Event> events) override {
    SESHAT_TRY(rules::CheckSize(events, kCapabilities.max_event_bytes));
    const std::lock_guard lock(mutex_);
    const Timestamp now = clock_.Now();
    for (auto& [name, s] : subscriptions_) {
      bool any = false;
      for (const Event& event : events) {
        if (!s.Wants(event.type)) continue;
        any = true;
        s.items[++last_number_] = Item{.event = event, .published_at = now, .max_attempts = s.spec.max_attempts};
      }
      if (any) s.Wake();
    }
    return {};
  }

  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        std::stop_token stop) override {
    SESHAT_TRY(rules::CheckReceive(options));
    const auto deadline = clock_.SteadyNow() + options.wait;
    while (true) {
      std::stop_source wake;
      std::chrono::nanoseconds nap{};
      {
        const std::lock_guard lock(mutex_);
        SESHAT_ASSIGN(auto* s, Find(subscription));
        const Timestamp now = clock_.Now();
        auto deliveries = s->Claim(options, now);
        nap = deadline - clock_.SteadyNow();
        if (!deliveries.empty() || nap.count() <= 0 || stop.stop_requested()) return deliveries;
        if (const Timestamp next = s->NextDue(); next != Timestamp::max()) nap = std::min(nap, next - now);
        s->sleepers.push_back(&wake);
      }
      {
        const std::stop_callback pass_on(stop, [&wake] { wake.request_stop(); });
        clock_.SleepFor(nap, wake.get_token());
      }
      const std::lock_guard lock(mutex_);
      SESHAT_ASSIGN(auto* s, Find(subscription));
      std::erase(s->sleepers, &wake);
    }
  }

  Status Acknowledge(std::string_view subscription, std::span<const std::string> handles) override {
    const std::lock_guard lock(mutex_);
    SESHAT_ASSIGN(auto* s, Find(subscription));
    for (const auto& handle : handles)
      if (const auto it = s->Find(handle); it != s->items.end()) s->items.erase(it);
    return {};
  }

  Status Retry(std::string_view subscription, std::string_view handle, milliseconds delay,
               std::string_view reason) override {
    SESHAT_TRY(rules::CheckDelay(delay));
    const std::lock_guard lock(mutex_);
    SESHAT_ASSIGN(auto* s, Find(subscription));
    const Timestamp now = clock_.Now();
    const auto it = s->FindLeased(handle, now);
    if (it == s->items.end()) return {};
    Item& item = it->second;
    const bool last = item.attempts >= item.max_attempts;
    item.state = last ? State::kDead : State::kWaiting;
    item.due = last ? now : now + delay;
    if (last) item.reason = reason;
    s->Wake();
    return {};
  }

  Status Extend(std::string_view subscription, std::string_view handle, milliseconds lease) override {
    SESHAT_TRY(rules::CheckLease(lease));
    const std::lock_guard lock(mutex_);
    SESHAT_ASSIGN(auto* s, Find(subscription));
    const Timestamp now = clock_.Now();
    const auto it = s->FindLeased(handle, now);
    if (it == s->items.end())
      return Fail(ErrorCode::kNotFound, "the lease has ended and the event may be elsewhere: drop this work");
    it->second.due = now + lease;
    s->Wake();  // the new lease may be the shorter one
    return {};
  }

  Result<DeadLetterPage> DeadLetters(std::string_view subscription, std::string_view start_after,
                                     size_t limit) override {
    SESHAT_TRY(rules::CheckPage(limit));
    const std::lock_guard lock(mutex_);
    SESHAT_ASSIGN(auto* s, Find(subscription));
    s->Sweep(clock_.Now());
    std::map<std::string, const std::pair<const uint64_t, Item>*> dead;  // by place in the list
    for (const auto& entry : s->items)
      if (entry.second.state == State::kDead)
        dead[fmt::format("{:020}.{:020}", entry.second.due.time_since_epoch().count(), entry.first)] = &entry;
    DeadLetterPage page;
    for (auto it = dead.upper_bound(std::string(start_after)); it != dead.end(); ++it) {
      if (page.letters.size() == limit) {
        page.next_start_after = std::prev(it)->first;
        break;
      }
      const auto& [number, item] = *it->second;
      page.letters.push_back({fmt::format("{}", number), item.event, item.attempts, item.reason, item.due});
    }
    return page;
  }

  Result<uint64_t> Redrive(std::string_view subscription, std::span<const std::string> ids) override {
    const std::lock_guard lock(mutex_);
    SESHAT_ASSIGN(auto* s, Find(subscription));
    s->Sweep(clock_.Now());
    uint64_t redriven = 0;
    for (auto& [number, item] : s->items) {
      const bool wanted = ids.empty() || std::ranges::find(ids, fmt::format("{}", number)) != ids.end();
      if (item.state != State::kDead || !wanted) continue;
      item.state = State::kWaiting;
      item.due = Timestamp::min();
      item.attempts = 0;
      item.reason.clear();
      ++redriven;
    }
    s->Wake();
    return redriven;
  }

  Result<SubscriptionStats> Stats(std::string_view subscription) override {
    const std::lock_guard lock(mutex_);
    SESHAT_ASSIGN(auto* s, Find(subscription));
    const Timestamp now = clock_.Now();
    s->Sweep(now);
    SubscriptionStats stats;
    for (const auto& [number, item] : s->items) {
      if (item.state == State::kDead) {
        ++stats.dead;
        continue;
      }
      ++(item.state == State::kLeased && item.due > now ? stats.in_flight : stats.ready);
      const auto age = std::chrono::duration_cast<milliseconds>(now - item.published_at);
      stats.oldest_age = std::max(stats.oldest_age.value_or(milliseconds(0)), age);
    }
    return stats;
  }

 private:
  Result<Subscription*> Find(std::string_view name) {
    const auto it = subscriptions_.find(name);
    if (it == subscriptions_.end()) return std::unexpected(rules::NoSubscription(name));
    return &it->second;
  }

  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Subscription, std::less<>> subscriptions_;
  uint64_t last_number_ = 0;
};

}  // namespace

std::unique_ptr<EventBus> MakeMemoryEventBus(Clock& clock) { return std::make_unique<MemoryEventBus>(clock); }

}  // namespace seshat::memory_event_bus
