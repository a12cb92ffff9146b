// The event bus on Amazon SNS and SQS, or what speaks their protocols: a topic, and for each subscription a queue with
// a queue of dead letters (names.h). docs/adr/ says which of their promises carry which of ours.
//
// Publishing needs sns:Publish and nothing else; making the bus makes no request. Consumers need the permissions that
// `seshat aws init --print-policy worker` prints.
//
// Where SQS is coarser than the port: leases, waits and delays are whole seconds, rounded up; at most ten events come
// at once; an event's leases and retries end 12 hours after its last delivery; nothing is kept longer than 14 days;
// Stats are estimates without an age. A Receive that is stopped may leave events under their lease.
//
// A message that is no event becomes a dead letter at once, with the reason.
#pragma once

#include <chrono>
#include <memory>

#include "adapters/sns_sqs/names.h"
#include "platform/http/sender.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/random.h"

namespace seshat::sns_sqs {

struct SnsSqsOptions {
  BusNames names;
  http::Url sns;  // aws::ServiceEndpoint
  http::Url sqs;
  // They sign for "sns" and "sqs" and repeat what fails in passing.
  std::shared_ptr<http::Sender> sns_sender;
  std::shared_ptr<http::Sender> sqs_sender;
  // kExpect: EnsureSubscription only checks the words and makes no request; `seshat aws init` has made the queues,
  // and where it has not, the first use says so. kMake: it makes and changes them, and the topic.
  enum class Subscriptions { kExpect, kMake };
  Subscriptions subscriptions = Subscriptions::kExpect;
  // How long an empty queue of dead letters is asked before it counts as empty, whole seconds; see
  // dead_letter_queue.h.
  std::chrono::seconds drain_wait{1};
};

// `clock` and `random` must outlive the bus.
Result<std::unique_ptr<EventBus>> MakeSnsSqsEventBus(SnsSqsOptions options, Clock& clock, Random& random);

}  // namespace seshat::sns_sqs
