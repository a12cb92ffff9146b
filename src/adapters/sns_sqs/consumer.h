// Deliveries from the queues: received, extended, retried, given up and acknowledged. Internal to this adapter.
//
// Thread safety: all methods, from any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sns_sqs/handle.h"
#include "adapters/sns_sqs/queues.h"
#include "adapters/sns_sqs/sqs_client.h"
#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/event_bus.h"

namespace seshat::sns_sqs {

class Consumer {
 public:
  // What is passed by reference must outlive it.
  Consumer(Queues& queues, SqsClient& sqs, Clock& clock) : queues_(queues), sqs_(sqs), clock_(clock) {}

  // From now on events of these types are delivered to the subscription, besides those of earlier specs.
  void Want(const SubscriptionSpec& spec);

  // As the methods of EventBus; the words have been checked.
  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        const std::stop_token& stop);
  Status Acknowledge(std::string_view subscription, std::span<const std::string> handles);
  Status Retry(std::string_view subscription, std::string_view handle, std::chrono::milliseconds delay,
               std::string_view reason);
  Status Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease);

 private:
  bool Wants(std::string_view subscription, std::string_view type);
  Result<std::vector<Delivery>> Sort(std::string_view subscription, std::span<const SqsMessage> messages);
  Status Bury(std::string_view subscription, const Handle& handle, std::string_view reason);
  Status MakeVisible(std::string_view subscription, std::string_view receipt, std::chrono::seconds delay);

  Queues& queues_;
  SqsClient& sqs_;
  Clock& clock_;
  std::mutex mutex_;
  // The types of every spec that Want got; empty: one of the specs wants all.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> wanted_;
};

}  // namespace seshat::sns_sqs
