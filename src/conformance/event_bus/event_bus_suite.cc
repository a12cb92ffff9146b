#include "conformance/event_bus/event_bus_suite.h"

#include <algorithm>

#include "conformance/event_bus/event_bus_steps.h"

namespace seshat::conformance {
namespace event_bus {

Event MakeEvent(const std::string& id, const std::string& type) {
  Event e;
  e.id = id;
  e.type = type;
  e.source = "seshat/agent/bench-3";
  e.subject = "session-" + id;
  e.time = Timestamp(seconds(1'800'000'000));
  e.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  e.data = R"({"session_id":")" + id + R"(","revision":1})";
  return e;
}

std::string Describe(const Event& e) {
  return e.id + "|" + e.type + "|" + e.source + "|" + e.subject + "|" + FormatTimestamp(e.time) + "|" + e.traceparent +
         "|" + e.data;
}

void Subscribe(Harness& h, const std::string& name, uint32_t max_attempts, const std::vector<std::string>& types) {
  const auto made = h.bus().EnsureSubscription({.name = name, .types = types, .max_attempts = max_attempts});
  EXPECT_TRUE(made) << made.error().ToString();
}

void Publish(Harness& h, const std::vector<Event>& events) {
  const auto published = h.bus().Publish(events);
  EXPECT_TRUE(published) << published.error().ToString();
}

void PublishIds(Harness& h, const std::vector<std::string>& ids) {
  std::vector<Event> events;
  for (const auto& id : ids) events.push_back(MakeEvent(id));
  Publish(h, events);
}

std::vector<Delivery> ReceiveOnce(EventBus& bus, const std::string& name, size_t most) {
  auto got = bus.Receive(name, {.max_events = most, .wait = milliseconds(0), .lease = seconds(10)}, {});
  EXPECT_TRUE(got) << got.error().ToString();
  return got ? *std::move(got) : std::vector<Delivery>();
}

std::vector<Delivery> ReceiveAll(Harness& h, size_t count, const std::string& name) {
  std::vector<Delivery> all;
  for (int empty = 0; empty < h.patience() && all.size() < count;) {
    auto some = ReceiveOnce(h.bus(), name, std::min<size_t>(10, count - all.size()));
    if (some.empty()) ++empty;
    std::ranges::move(some, std::back_inserter(all));
  }
  return all;
}

Delivery ReceiveOne(Harness& h, const std::string& name) {
  auto all = ReceiveAll(h, 1, name);
  EXPECT_EQ(all.size(), 1U);
  return all.size() == 1 ? std::move(all.front()) : Delivery{};
}

std::vector<std::string> SortedIds(const std::vector<Delivery>& deliveries) {
  std::vector<std::string> ids;
  for (const auto& d : deliveries) ids.push_back(d.event.id);
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> Handles(const std::vector<Delivery>& deliveries) {
  std::vector<std::string> handles;
  for (const auto& d : deliveries) handles.push_back(d.handle);
  return handles;
}

void Acknowledge(Harness& h, const std::vector<Delivery>& deliveries, const std::string& name) {
  const auto done = h.bus().Acknowledge(name, Handles(deliveries));
  EXPECT_TRUE(done) << done.error().ToString();
}

bool NothingThere(Harness& h, const std::string& name) {
  for (int i = 0; i < h.patience(); ++i)
    if (!ReceiveOnce(h.bus(), name).empty()) return false;
  return true;
}

void Bury(Harness& h, const std::vector<std::string>& ids, const std::string& name) {
  for (const auto& id : ids) {
    PublishIds(h, {id});
    const Delivery d = ReceiveOne(h, name);
    const auto buried = h.bus().Retry(name, d.handle, milliseconds(0), "reason of " + id);
    EXPECT_TRUE(buried) << buried.error().ToString();
    h.Advance(seconds(1));
  }
}

std::vector<DeadLetter> Dead(Harness& h, const std::string& name) {
  auto page = h.bus().DeadLetters(name, "", 1000);
  EXPECT_TRUE(page) << page.error().ToString();
  return page ? std::move(page->letters) : std::vector<DeadLetter>();
}

}  // namespace event_bus

std::span<const Case<EventBusHarness>> EventBusCases() {
  static const std::vector<Case<EventBusHarness>> all = [] {
    std::vector<Case<EventBusHarness>> cases;
    for (const auto part :
         {event_bus::DeliveryCases(), event_bus::AttemptCases(), event_bus::RefusalCases(), event_bus::WaitingCases()})
      cases.insert(cases.end(), part.begin(), part.end());
    return cases;
  }();
  return all;
}

void RegisterEventBusSuite(const std::string& adapter, const Factory<EventBusHarness>& factory,
                           const std::vector<Deviation>& deviations) {
  RegisterSuite<EventBusHarness>("EventBus", adapter, EventBusCases(), factory, deviations);
}

}  // namespace seshat::conformance
