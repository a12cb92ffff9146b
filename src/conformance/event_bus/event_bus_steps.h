// Steps that the cases of the event bus suite share. Internal to the suite.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "conformance/event_bus/event_bus_suite.h"

namespace seshat::conformance::event_bus {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Harness = EventBusHarness;

inline constexpr const char* kSub = "consumer";
inline constexpr const char* kType = "SessionMigratedEvent";

Event MakeEvent(const std::string& id, const std::string& type = kType);
std::string Describe(const Event& event);  // every byte of it, for comparisons
void Subscribe(Harness& h, const std::string& name = kSub, uint32_t max_attempts = 5,
               const std::vector<std::string>& types = {});
void Publish(Harness& h, const std::vector<Event>& events);
void PublishIds(Harness& h, const std::vector<std::string>& ids);

// One Receive without waiting, under a lease of 10 s.
std::vector<Delivery> ReceiveOnce(EventBus& bus, const std::string& name = kSub, size_t most = 10);
// Until `count` events have come or patience is at its end.
std::vector<Delivery> ReceiveAll(Harness& h, size_t count, const std::string& name = kSub);
// Exactly one event, or a failure and an empty delivery.
Delivery ReceiveOne(Harness& h, const std::string& name = kSub);
std::vector<std::string> SortedIds(const std::vector<Delivery>& deliveries);
std::vector<std::string> Handles(const std::vector<Delivery>& deliveries);
void Acknowledge(Harness& h, const std::vector<Delivery>& deliveries, const std::string& name = kSub);
bool NothingThere(Harness& h, const std::string& name = kSub);
// Makes dead letters of these, one second after the other, by Retry on their only attempt. The subscription
// must allow one attempt.
void Bury(Harness& h, const std::vector<std::string>& ids, const std::string& name = kSub);
std::vector<DeadLetter> Dead(Harness& h, const std::string& name = kSub);

// The tables of the suite's files.
std::span<const Case<Harness>> DeliveryCases();
std::span<const Case<Harness>> AttemptCases();
std::span<const Case<Harness>> RefusalCases();
std::span<const Case<Harness>> WaitingCases();

}  // namespace seshat::conformance::event_bus
