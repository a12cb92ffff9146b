#include "provisioning/topic_setup.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "adapters/sns_sqs/policy_document.h"
#include "core/base/utf8.h"

namespace seshat::provisioning {
namespace {

namespace bj = boost::json;

std::string TlsOnly(const std::string& topic_arn) {
  bj::array statements;
  statements.push_back({{"Sid", "SeshatTlsOnly"},
                        {"Effect", "Deny"},
                        {"Principal", "*"},
                        {"Action", "sns:Publish"},
                        {"Resource", topic_arn},
                        {"Condition", {{"Bool", {{"aws:SecureTransport", "false"}}}}}});
  return bj::serialize(bj::object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

}  // namespace

Result<TopicPlan> PlanTopic(const sns_sqs::BusNames& names, const std::optional<std::string>& policy) {
  TopicPlan plan;
  if (!policy) {
    plan.create = true;
    plan.changes.push_back(fmt::format("make it in {}", names.region));
    plan.changes.emplace_back("policy: TLS only");
    return plan;
  }
  auto merged = sns_sqs::MergePolicy(*policy, TlsOnly(names.topic_arn()));
  if (!merged) return std::unexpected(std::move(merged.error()).WithContext("topic " + names.name));
  if (sns_sqs::SamePolicy(*merged, *policy)) return plan;
  plan.policy = *std::move(merged);
  plan.changes.emplace_back("policy: TLS only");
  return plan;
}

Result<std::optional<std::string>> TopicSetup::Look() {
  auto attributes = sns_.TopicAttributes(names_.topic_arn());
  if (attributes) return std::optional((*attributes)["Policy"]);
  if (IsNoSuchTopic(attributes.error())) return std::optional<std::string>();
  return std::unexpected(std::move(attributes).error().error.WithContext("looking at the topic " + names_.name));
}

Status TopicSetup::Apply(const TopicPlan& plan) {
  std::optional<std::string> policy = plan.policy;
  if (plan.create) {
    SESHAT_ASSIGN_PLAIN(const std::string arn, sns_.CreateTopic(names_.name, {}));
    if (arn != names_.topic_arn())
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("bus.url means the topic {}, but these credentials made {}: correct the account or the "
                              "region",
                              names_.topic_arn(), EscapeForTerminal(arn.substr(0, 300))));
    SESHAT_ASSIGN(const auto current, Look());
    SESHAT_ASSIGN(const TopicPlan rest, PlanTopic(names_, current.value_or("")));
    policy = rest.policy;
  }
  if (!policy) return {};
  return sns_sqs::Plain(sns_.SetTopicAttribute(names_.topic_arn(), "Policy", *policy));
}

}  // namespace seshat::provisioning
