// Random operations on a bus and on the model; they must agree after each.
#include "event_bus_model.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "support/event_bus_harnesses.h"

namespace seshat::testing {
namespace {

using std::chrono::milliseconds;
using Copy = EventBusModel::Copy;
using Strings = std::vector<std::string>;

constexpr const char* kNames[] = {"one", "two", "three"};

// Small numbers in, operations out, so that RapidCheck can shrink a failure to its heart.
class Walk {
 public:
  Walk(conformance::EventBusHarness& harness, std::vector<uint16_t> choices)
      : harness_(harness), choices_(std::move(choices)) {}

  void Run() {
    for (const auto* name : kNames) Ensure(name);
    while (at_ < choices_.size()) {
      Step();
      for (auto& [name, s] : model_.subscriptions) s.Bury(now_);
    }
    for (const auto* name : kNames) {
      CompareStats(name);
      CompareDeadLetters(name);
    }
  }

 private:
  uint32_t Choose(uint32_t below) { return at_ < choices_.size() ? choices_[at_++] % below : 0; }
  std::string Name() { return kNames[Choose(3)]; }
  EventBus& bus() { return harness_.bus(); }
  EventBusModel::Subscription& Model(const std::string& name) { return model_.subscriptions[name]; }
  std::string AnyHandle() { return handles_.empty() ? "1.1.1" : handles_[Choose(handles_.size())]; }
  template <typename T>
  static void MustBe(const Result<T>& result) {
    if (!result) RC_FAIL(result.error().ToString());
  }

  void Step() {
    switch (Choose(12)) {
      case 0:
        return Ensure(Name());
      case 1:
      case 2:
        return Publish();
      case 3:
      case 4:
        return Receive(Name());
      case 5:
        return Acknowledge(Name());
      case 6:
        return Retry(Name());
      case 7:
        return Extend(Name());
      case 8:
        return Redrive(Name());
      case 9:
        return Advance();
      case 10:
        return CompareStats(Name());
      default:
        if (Choose(4) == 0) (void)harness_.Reopen();
        return CompareDeadLetters(Name());
    }
  }

  void Ensure(const std::string& name) {
    static const std::vector<Strings> kTypes = {{}, {"A"}, {"A", "B"}, {"C"}};
    const SubscriptionSpec spec{name, kTypes[Choose(4)], 1 + Choose(3)};
    MustBe(bus().EnsureSubscription(spec));
    model_.Ensure(spec);
  }

  void Publish() {
    std::vector<Event> events;
    for (uint32_t n = Choose(4); events.size() < n;) {
      Event e;
      e.id = std::to_string(++last_id_);
      e.type = std::string(1, static_cast<char>('A' + Choose(3)));
      e.data = "{}";
      events.push_back(e);
    }
    MustBe(bus().Publish(events));
    for (const Event& e : events) model_.Publish(e, now_);
  }

  void Receive(const std::string& name) {
    const ReceiveOptions options{1 + Choose(4), milliseconds(0), milliseconds(1000 * (1 + Choose(20)))};
    const auto got = bus().Receive(name, options, {});
    MustBe(got);
    auto& model = Model(name);
    const auto ready = std::ranges::count_if(model.copies, [&](const Copy& c) { return model.Ready(c, now_); });
    RC_ASSERT(got->size() == std::min(options.max_events, static_cast<size_t>(ready)));
    for (const Delivery& d : *got) {
      Copy* copy = model.ById(d.event.id);
      RC_ASSERT(copy != nullptr);
      RC_ASSERT(model.Ready(*copy, now_));
      RC_ASSERT(d.attempt == ++copy->attempts);
      RC_ASSERT(std::ranges::find(handles_, d.handle) == handles_.end());
      copy->state = Copy::kLeased;
      copy->due = now_ + options.lease;
      copy->handle = d.handle;
      handles_.push_back(d.handle);
    }
  }

  void Acknowledge(const std::string& name) {
    Strings handles;
    for (uint32_t n = Choose(4); handles.size() < n;) handles.push_back(AnyHandle());
    MustBe(bus().Acknowledge(name, handles));
    for (const auto& handle : handles)
      std::erase_if(Model(name).copies, [&](const Copy& c) { return c.handle == handle; });
  }

  Copy* Leased(const std::string& name, const std::string& handle) {
    Copy* copy = Model(name).ByHandle(handle);
    return copy != nullptr && copy->state == Copy::kLeased && copy->due > now_ ? copy : nullptr;
  }

  void Retry(const std::string& name) {
    const std::string handle = AnyHandle();
    const milliseconds delay(1000 * Choose(10));
    const std::string reason = "reason " + std::to_string(Choose(100));
    MustBe(bus().Retry(name, handle, delay, reason));
    Copy* copy = Leased(name, handle);
    if (copy == nullptr) return;
    const bool last = copy->attempts >= copy->max_attempts;
    copy->state = last ? Copy::kDead : Copy::kWaiting;
    copy->due = last ? now_ : now_ + delay;
    if (last) copy->reason = reason;
  }

  void Extend(const std::string& name) {
    const std::string handle = AnyHandle();
    const milliseconds lease(1000 * (1 + Choose(10)));
    const auto extended = bus().Extend(name, handle, lease);
    Copy* copy = Leased(name, handle);
    RC_ASSERT(extended.has_value() == (copy != nullptr));
    if (copy == nullptr) {
      RC_ASSERT(extended.error().code == ErrorCode::kNotFound);
    } else {
      copy->due = now_ + lease;
    }
  }

  void Redrive(const std::string& name) {
    const auto letters = bus().DeadLetters(name, "", 1000);
    MustBe(letters);
    Strings ids;
    std::set<std::string> events;
    const bool all = Choose(2) == 0;
    for (const auto& letter : letters->letters) {
      if (!all && Choose(2) == 0) continue;
      ids.push_back(letter.id);
      events.insert(letter.event.id);
    }
    if (!all) ids.emplace_back("unknown");
    const auto count = bus().Redrive(name, all ? Strings() : ids);
    MustBe(count);
    RC_ASSERT(*count == events.size());
    for (Copy& c : Model(name).copies) {
      if (!events.contains(c.id)) continue;
      RC_ASSERT(c.state == Copy::kDead);
      c.state = Copy::kWaiting;
      c.due = Timestamp::min();
      c.attempts = 0;
      c.reason.clear();
    }
  }

  void Advance() {
    const milliseconds time(500 * Choose(30));
    harness_.Advance(time);
    now_ += time;
  }

  void CompareStats(const std::string& name) {
    const auto stats = bus().Stats(name);
    MustBe(stats);
    SubscriptionStats expected;
    for (const Copy& c : Model(name).copies) {
      if (c.state == Copy::kDead) {
        ++expected.dead;
        continue;
      }
      ++(c.state == Copy::kLeased && c.due > now_ ? expected.in_flight : expected.ready);
      const auto age = std::chrono::duration_cast<milliseconds>(now_ - c.published_at);
      expected.oldest_age = std::max(expected.oldest_age.value_or(milliseconds(0)), age);
    }
    RC_ASSERT(stats->ready == expected.ready);
    RC_ASSERT(stats->in_flight == expected.in_flight);
    RC_ASSERT(stats->dead == expected.dead);
    RC_ASSERT((stats->oldest_age == expected.oldest_age));
  }

  void CompareDeadLetters(const std::string& name) {
    std::vector<std::tuple<int64_t, std::string, uint32_t, std::string>> expected;
    for (const Copy& c : Model(name).copies)
      if (c.state == Copy::kDead) expected.emplace_back((c.due - Start()).count(), c.id, c.attempts, c.reason);
    decltype(expected) seen;
    const size_t limit = 1 + Choose(3);
    std::string after;
    Timestamp last = Timestamp::min();
    do {
      const auto page = bus().DeadLetters(name, after, limit);
      MustBe(page);
      RC_ASSERT(page->letters.size() <= limit);
      for (const auto& l : page->letters) {
        RC_ASSERT((l.died_at >= last));
        last = l.died_at;
        seen.emplace_back((l.died_at - Start()).count(), l.event.id, l.attempts, l.reason);
      }
      after = page->next_start_after;
    } while (!after.empty());
    std::ranges::sort(expected);
    std::ranges::sort(seen);
    RC_ASSERT(seen == expected);
  }

  static Timestamp Start() { return ManualClock().Now(); }

  conformance::EventBusHarness& harness_;
  std::vector<uint16_t> choices_;
  size_t at_ = 0;
  EventBusModel model_;
  Timestamp now_ = Start();
  Strings handles_;
  int last_id_ = 0;
};

std::vector<uint16_t> Choices() {
  return *rc::gen::scale(4.0, rc::gen::container<std::vector<uint16_t>>(rc::gen::inRange<uint16_t>(0, 10'000)));
}

RC_GTEST_PROP(EventBusModelTest, MemoryAgrees, ()) {
  MemoryBusHarness harness;
  Walk(harness, Choices()).Run();
}

RC_GTEST_PROP(EventBusModelTest, SqliteAgrees, ()) {
  SqliteBusHarness harness;
  Walk(harness, Choices()).Run();
}

}  // namespace
}  // namespace seshat::testing
