// The topic of a bus: there, and open over TLS only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/sns_sqs/names.h"
#include "adapters/sns_sqs/sns_client.h"
#include "core/base/error.h"

namespace seshat::provisioning {

struct TopicPlan {
  bool create = false;
  std::optional<std::string> policy;  // nothing with `create`: a new topic has one of SNS's own, which is kept
  std::vector<std::string> changes;
  bool empty() const { return changes.empty(); }
};

// `policy`: nothing where there is no such topic. kInvalidArgument where it cannot be read.
Result<TopicPlan> PlanTopic(const sns_sqs::BusNames& names, const std::optional<std::string>& policy);

class TopicSetup {
 public:
  TopicSetup(const sns_sqs::BusNames& names, sns_sqs::SnsClient& sns) : names_(names), sns_(sns) {}
  // The topic's policy, nothing where there is no topic. Needs sns:GetTopicAttributes.
  Result<std::optional<std::string>> Look();
  // Needs sns:CreateTopic, sns:GetTopicAttributes, sns:SetTopicAttributes. kInvalidArgument where the credentials are
  // another account's.
  Status Apply(const TopicPlan& plan);

 private:
  const sns_sqs::BusNames& names_;
  sns_sqs::SnsClient& sns_;
};

}  // namespace seshat::provisioning
