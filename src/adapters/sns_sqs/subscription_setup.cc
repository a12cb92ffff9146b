#include "adapters/sns_sqs/subscription_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "adapters/sns_sqs/policy_document.h"
#include "core/records/json_fields.h"

namespace seshat::sns_sqs {
namespace {

namespace bj = boost::json;

constexpr std::string_view kPolicy = "Policy";
constexpr std::string_view kRedrivePolicy = "RedrivePolicy";
constexpr std::string_view kRetention = "MessageRetentionPeriod";
constexpr std::string_view kManagedKey = "SqsManagedSseEnabled";
constexpr std::string_view kOwnKey = "KmsMasterKeyId";
constexpr std::string_view kRaw = "RawMessageDelivery";
constexpr std::string_view kFilter = "FilterPolicy";
constexpr std::string_view kFilterScope = "FilterPolicyScope";
constexpr std::string_view kNoFilter = "{}";

std::string_view Get(const std::map<std::string, std::string>& attributes, std::string_view name) {
  const auto it = attributes.find(std::string(name));
  return it == attributes.end() ? std::string_view() : it->second;
}

bool IsTrue(std::string_view text) { return text == "true" || text == "True" || text == "1"; }

std::string RedrivePolicy(const BusNames& names, const SubscriptionSpec& spec) {
  return bj::serialize(bj::object{{"deadLetterTargetArn", names.queue_arn(names.dead_queue(spec.name))},
                                  {"maxReceiveCount", spec.max_attempts}});
}

std::string FilterPolicy(const SubscriptionSpec& spec) {
  if (spec.types.empty()) return std::string(kNoFilter);
  auto types = spec.types;
  std::ranges::sort(types);
  types.erase(std::ranges::unique(types).begin(), types.end());
  return bj::serialize(bj::object{{kTypeAttribute, bj::array(types.begin(), types.end())}});
}

bool SameAttribute(std::string_view name, std::string_view wanted, std::string_view actual) {
  if (name == kManagedKey) return IsTrue(actual);
  if (name == kPolicy || name == kRedrivePolicy) return SamePolicy(wanted, actual);
  return wanted == actual;
}

// Nothing where the queue is as it should be.
Result<std::optional<QueueStep>> PlanQueue(const std::string& queue, QueueAttributes wanted,
                                           const std::optional<QueueAttributes>& actual) {
  QueueStep step{.queue = queue, .create = !actual};
  if (actual) {
    // A key of one's own is stricter than SQS's.
    if (!Get(*actual, kOwnKey).empty()) wanted.erase(std::string(kManagedKey));
    auto merged = MergePolicy(Get(*actual, kPolicy), wanted.at(std::string(kPolicy)));
    if (!merged) return std::unexpected(std::move(merged.error()).WithContext(fmt::format("queue {}", queue)));
    wanted[std::string(kPolicy)] = *std::move(merged);
  }
  for (const auto& [name, value] : wanted)
    if (!actual || !SameAttribute(name, value, Get(*actual, name))) step.changed.push_back(name);
  step.attributes = std::move(wanted);
  if (step.changed.empty()) return std::nullopt;
  return step;
}

std::optional<LinkStep> PlanLink(const std::string& queue, const SubscriptionSpec& spec,
                                 const SubscriptionActual& actual) {
  LinkStep step{.queue = queue, .link_arn = actual.link_arn};
  const std::string filter = FilterPolicy(spec);
  if (actual.link_arn.empty()) {
    step.attributes[std::string(kRaw)] = "true";
    if (filter != kNoFilter) step.attributes[std::string(kFilter)] = filter;
    return step;
  }
  if (!IsTrue(Get(actual.link, kRaw))) step.attributes[std::string(kRaw)] = "true";
  const auto current = Get(actual.link, kFilter);
  if (!SamePolicy(filter, current.empty() ? kNoFilter : current)) step.attributes[std::string(kFilter)] = filter;
  const auto scope = Get(actual.link, kFilterScope);
  if (filter != kNoFilter && !scope.empty() && scope != "MessageAttributes")
    step.attributes[std::string(kFilterScope)] = "MessageAttributes";
  if (step.attributes.empty()) return std::nullopt;
  return step;
}

}  // namespace

std::string QueuePolicy(const BusNames& names, std::string_view queue, bool topic_sends) {
  const std::string arn = names.queue_arn(queue);
  bj::array statements;
  if (topic_sends)
    statements.push_back({{"Sid", "SeshatTopicSends"},
                          {"Effect", "Allow"},
                          {"Principal", {{"Service", "sns.amazonaws.com"}}},
                          {"Action", "sqs:SendMessage"},
                          {"Resource", arn},
                          {"Condition", {{"ArnEquals", {{"aws:SourceArn", names.topic_arn()}}}}}});
  statements.push_back({{"Sid", "SeshatTlsOnly"},
                        {"Effect", "Deny"},
                        {"Principal", "*"},
                        {"Action", "sqs:*"},
                        {"Resource", arn},
                        {"Condition", {{"Bool", {{"aws:SecureTransport", "false"}}}}}});
  return bj::serialize(bj::object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}});
}

std::optional<uint32_t> MaxReceiveCount(std::string_view redrive_policy) {
  const auto policy = json::Parse(redrive_policy, "redrive policy");
  const auto* object = policy ? policy->if_object() : nullptr;
  const auto* count = object == nullptr ? nullptr : object->if_contains("maxReceiveCount");
  if (count == nullptr) return std::nullopt;
  // Written as a number or as a text: SQS takes both.
  const std::string text = count->is_string() ? std::string(count->get_string()) : bj::serialize(*count);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && number > 0 ? std::optional(number) : std::nullopt;
}

Result<SubscriptionPlan> PlanSubscription(const BusNames& names, const SubscriptionSpec& spec,
                                          const SubscriptionActual& actual) {
  const std::string queue = names.queue(spec.name);
  const std::string dead = names.dead_queue(spec.name);
  const QueueAttributes common{{std::string(kRetention), std::string(kRetentionSeconds)},
                               {std::string(kManagedKey), "true"}};
  SubscriptionPlan plan;
  QueueAttributes wanted = common;
  wanted[std::string(kPolicy)] = QueuePolicy(names, dead, false);
  SESHAT_ASSIGN(auto dead_step, PlanQueue(dead, std::move(wanted), actual.dead));
  if (dead_step) plan.queues.push_back(*std::move(dead_step));
  wanted = common;
  wanted[std::string(kPolicy)] = QueuePolicy(names, queue, true);
  wanted[std::string(kRedrivePolicy)] = RedrivePolicy(names, spec);
  SESHAT_ASSIGN(auto queue_step, PlanQueue(queue, std::move(wanted), actual.queue));
  if (queue_step) plan.queues.push_back(*std::move(queue_step));
  plan.link = PlanLink(queue, spec, actual);
  return plan;
}

Result<std::optional<QueueAttributes>> SubscriptionSetup::LookAtQueue(const std::string& queue) {
  static constexpr std::array<std::string_view, 1> kAll{"All"};
  auto attributes = sqs_.Attributes(names_.queue_url(sqs_.endpoint(), queue), kAll);
  if (attributes) return std::optional(*std::move(attributes));
  if (IsNoSuchQueue(attributes.error())) return std::optional<QueueAttributes>();
  return std::unexpected(
      std::move(attributes).error().error.WithContext(fmt::format("looking at the queue {}", queue)));
}

Result<SubscriptionActual> SubscriptionSetup::Look(std::string_view subscription) {
  SubscriptionActual actual;
  SESHAT_ASSIGN(actual.dead, LookAtQueue(names_.dead_queue(subscription)));
  SESHAT_ASSIGN(actual.queue, LookAtQueue(names_.queue(subscription)));
  auto links = sns_.Subscriptions(names_.topic_arn());
  if (!links) {
    if (IsNoSuchTopic(links.error())) return actual;
    return std::unexpected(std::move(links).error().error.WithContext("listing the topic's subscriptions"));
  }
  const std::string endpoint = names_.queue_arn(names_.queue(subscription));
  const auto link = std::ranges::find_if(
      *links, [&](const TopicSubscription& s) { return s.protocol == "sqs" && s.endpoint == endpoint; });
  if (link == links->end()) return actual;
  actual.link_arn = link->arn;
  SESHAT_ASSIGN_PLAIN(actual.link, sns_.SubscriptionAttributes(link->arn));
  return actual;
}

Status SubscriptionSetup::ApplyQueue(const QueueStep& step) {
  if (step.create) {
    SESHAT_TRY_PLAIN(sqs_.Create(step.queue, step.attributes));
    return {};
  }
  return Plain(sqs_.SetAttributes(names_.queue_url(sqs_.endpoint(), step.queue), step.attributes));
}

Status SubscriptionSetup::ApplyLink(const LinkStep& step) {
  if (step.link_arn.empty()) {
    SESHAT_TRY_PLAIN(sns_.Subscribe(names_.topic_arn(), names_.queue_arn(step.queue), step.attributes));
    return {};
  }
  for (const auto& [name, value] : step.attributes)
    SESHAT_TRY_PLAIN(sns_.SetSubscriptionAttribute(step.link_arn, name, value));
  return {};
}

Status SubscriptionSetup::Apply(const SubscriptionPlan& plan) {
  for (const QueueStep& step : plan.queues)
    if (auto done = ApplyQueue(step); !done)
      return std::unexpected(std::move(done.error()).WithContext(fmt::format("setting up the queue {}", step.queue)));
  if (!plan.link) return {};
  if (auto done = ApplyLink(*plan.link); !done)
    return std::unexpected(
        std::move(done.error()).WithContext(fmt::format("linking the queue {} to the topic", plan.link->queue)));
  return {};
}

}  // namespace seshat::sns_sqs
