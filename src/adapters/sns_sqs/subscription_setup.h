// A subscription as three things at AWS: a queue, the queue of its dead letters, and the link from the topic. What is
// there is read, compared with what should be, and only the difference is written.
//
// Shared by EventBus::EnsureSubscription and `seshat aws init`. What somebody has made stricter stays: foreign policy
// statements, an own KMS key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sns_sqs/names.h"
#include "adapters/sns_sqs/sns_client.h"
#include "adapters/sns_sqs/sqs_client.h"
#include "ports/event_bus.h"

namespace seshat::sns_sqs {

// Both keep what nobody fetches for as long as SQS can: 14 days.
inline constexpr std::string_view kRetentionSeconds = "1209600";

struct SubscriptionActual {
  std::optional<QueueAttributes> dead;  // nothing: no such queue
  std::optional<QueueAttributes> queue;
  std::string link_arn;  // empty: not linked
  Attributes link;
};

struct QueueStep {
  std::string queue;
  bool create = false;
  QueueAttributes attributes;        // everything of ours, also what did not change
  std::vector<std::string> changed;  // names of attributes
};

struct LinkStep {
  std::string queue;
  std::string link_arn;   // empty: make it
  Attributes attributes;  // to be set
};

struct SubscriptionPlan {
  std::vector<QueueStep> queues;  // in this order
  std::optional<LinkStep> link;
  bool empty() const { return queues.empty() && !link; }
};

// Pure. kInvalidArgument for a policy that is there and cannot be read.
Result<SubscriptionPlan> PlanSubscription(const BusNames& names, const SubscriptionSpec& spec,
                                          const SubscriptionActual& actual);

// How many deliveries a queue's RedrivePolicy allows.
std::optional<uint32_t> MaxReceiveCount(std::string_view redrive_policy);

std::string QueuePolicy(const BusNames& names, std::string_view queue, bool topic_sends);

class SubscriptionSetup {
 public:
  SubscriptionSetup(const BusNames& names, SnsClient& sns, SqsClient& sqs) : names_(names), sns_(sns), sqs_(sqs) {}

  // Needs sqs:GetQueueAttributes, sns:ListSubscriptionsByTopic, sns:GetSubscriptionAttributes. A topic that is not
  // there has no links.
  Result<SubscriptionActual> Look(std::string_view subscription);
  Status Apply(const SubscriptionPlan& plan);

 private:
  Result<std::optional<QueueAttributes>> LookAtQueue(const std::string& queue);
  Status ApplyQueue(const QueueStep& step);
  Status ApplyLink(const LinkStep& step);

  const BusNames& names_;
  SnsClient& sns_;
  SqsClient& sqs_;
};

}  // namespace seshat::sns_sqs
