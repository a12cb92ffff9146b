// EventBus: asynchronous notifications between components, delivered at least once and in no promised order.
//
// A subscription has a name, and its own copy of every event of its types published after it was made.
// Consumers of one name share that copy: each event goes to one of them at a time, under a lease. An event
// whose lease ends without Acknowledge comes again; after `max_attempts` deliveries it goes to the
// subscription's dead letters (where the last lease just ends: at the next Receive at the latest), and stays
// there until it is redriven. Events published while no subscription
// wants their type are dropped, as with SNS: make subscriptions first (the composition root does so for every
// role, in every process).
//
// Durability: Publish returns after the events are safe from a crash of process or machine. An acknowledged
// event never comes back; an event that was never acknowledged is never lost.
//
// Thread safety: all methods, from any thread. Several processes may share one bus.
// Adapters: memory (tests), sqlite (one machine), sns_sqs. Suite: conformance/event_bus/event_bus_suite.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/records/event.h"

namespace seshat {

struct SubscriptionSpec {
  std::string name;                // [A-Za-z0-9_-]{1,64}
  std::vector<std::string> types;  // event types wanted; empty: all
  uint32_t max_attempts = 5;       // deliveries before an event becomes a dead letter, 1–1000 (SQS's range)
};

struct ReceiveOptions {
  size_t max_events = 10;                   // 1–1000; an adapter may give fewer (SQS: 10 in one request)
  std::chrono::milliseconds wait{1000};     // how long to wait for the first one, 0–20 s (SQS's limit)
  std::chrono::milliseconds lease{30'000};  // how long the events are ours, 1 ms–12 h (SQS's limit)
};

struct Delivery {
  Event event;
  std::string handle;    // names this delivery of this event; opaque
  uint32_t attempt = 1;  // counted from 1
};

struct DeadLetter {
  std::string id;  // names it to Redrive; opaque
  Event event;
  uint32_t attempts = 0;
  std::string reason;  // of the last Retry; empty where the lease just ended, or the adapter lacks
                       // `dead_letter_reasons`
  Timestamp died_at{};
};

struct DeadLetterPage {
  std::vector<DeadLetter> letters;  // oldest first
  std::string next_start_after;     // empty: that was all
};

struct SubscriptionStats {
  uint64_t ready = 0;      // waiting, those delayed included
  uint64_t in_flight = 0;  // under a lease
  uint64_t dead = 0;
  // Of those neither acknowledged nor dead; empty also where the numbers are estimates.
  std::optional<std::chrono::milliseconds> oldest_age;
};

class EventBus {
 public:
  struct Capabilities {
    bool dead_letter_reasons = false;  // keeps the reason given to Retry
    bool exact_stats = false;          // otherwise the numbers are estimates
    bool several_processes = false;
    size_t max_event_bytes = 256 * 1024;  // of the encoded event; Publish: kInvalidArgument beyond (SNS's limit)
  };

  virtual ~EventBus() = default;
  virtual const Capabilities& capabilities() const = 0;

  // Makes the subscription, or changes the types and attempts of an existing one (for events published from
  // then on). Idempotent. kInvalidArgument for a bad name.
  virtual Status EnsureSubscription(const SubscriptionSpec& spec) = 0;

  // Hands `events` to every subscription that wants them: all or, on an error, possibly some; repeat with the
  // same ids then, subscribers must tolerate duplicates anyway. Blocks until durable.
  virtual Status Publish(std::span<const Event> events) = 0;

  // Up to `max_events` under a lease, at once where any are ready; an empty vector when the wait ended or
  // `stop` was triggered. kNotFound for a name never made.
  virtual Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                                std::stop_token stop) = 0;

  // Done with these. A handle whose lease has ended is ignored where the event was delivered anew since (that
  // consumer decides); otherwise it counts.
  virtual Status Acknowledge(std::string_view subscription, std::span<const std::string> handles) = 0;

  // Not this time: deliver again after `delay` (0–12 h), or make it a dead letter if that was the last
  // attempt. An ended lease is ignored.
  virtual Status Retry(std::string_view subscription, std::string_view handle, std::chrono::milliseconds delay,
                       std::string_view reason) = 0;

  // Still working: the lease ends `lease` from now. kNotFound when it has ended already and the event may be
  // elsewhere.
  virtual Status Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease) = 0;

  // A page of at most `limit` (1–1000) dead letters.
  virtual Result<DeadLetterPage> DeadLetters(std::string_view subscription, std::string_view start_after,
                                             size_t limit) = 0;

  // Makes these dead letters deliverable again with all their attempts; an empty span: all. Answers how many.
  // Unknown ids are ignored.
  virtual Result<uint64_t> Redrive(std::string_view subscription, std::span<const std::string> ids) = 0;

  virtual Result<SubscriptionStats> Stats(std::string_view subscription) = 0;
};

}  // namespace seshat
