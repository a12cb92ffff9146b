#include "provisioning/aws_setup.h"

#include <fmt/format.h>

#include <algorithm>

namespace seshat::provisioning {
namespace {

std::string BucketName(const Wants& wants) { return fmt::format("bucket {}", wants.bucket.bucket); }
std::string TopicName(const Wants& wants) { return fmt::format("topic {}", wants.names.name); }
std::string QueueName(std::string_view queue) { return fmt::format("queue {}", queue); }

// What an attribute of a queue means to people.
std::string Meaning(const std::string& attribute) {
  if (attribute == "MessageRetentionPeriod") return "keep events for 14 days";
  if (attribute == "Policy") return "policy: who may send, and TLS only";
  if (attribute == "RedrivePolicy") return "dead letters, and how many attempts come before";
  if (attribute == "SqsManagedSseEnabled") return "encrypt with SQS's keys";
  if (attribute == "RawMessageDelivery") return "raw delivery";
  if (attribute == "FilterPolicy") return "deliver only the types that it wants";
  return attribute;
}

void AddSteps(const sns_sqs::SubscriptionPlan& plan, std::vector<Step>& steps) {
  for (const sns_sqs::QueueStep& queue : plan.queues) {
    if (queue.create) {
      steps.push_back({QueueName(queue.queue), "make it", true});
      continue;
    }
    for (const std::string& attribute : queue.changed) steps.push_back({QueueName(queue.queue), Meaning(attribute)});
  }
  if (!plan.link) return;
  const std::string resource = QueueName(plan.link->queue);
  if (plan.link->link_arn.empty()) {
    steps.push_back({resource, "subscribe it to the topic", true});
    return;
  }
  for (const auto& [attribute, value] : plan.link->attributes) steps.push_back({resource, Meaning(attribute)});
}

}  // namespace

Result<Plan> MakePlan(const Wants& wants, const Actual& actual) {
  Plan plan;
  SESHAT_ASSIGN(plan.bucket, PlanBucket(wants.bucket, actual.bucket));
  for (const std::string& change : plan.bucket.changes)
    plan.steps.push_back({BucketName(wants), change, plan.bucket.create});
  SESHAT_ASSIGN(plan.topic, PlanTopic(wants.names, actual.topic));
  for (const std::string& change : plan.topic.changes)
    plan.steps.push_back({TopicName(wants), change, plan.topic.create});
  for (size_t i = 0; i < wants.subscriptions.size(); ++i) {
    SESHAT_TRY(sns_sqs::CheckSubscriptionName(wants.names, wants.subscriptions[i].name));
    SESHAT_ASSIGN(auto one, PlanSubscription(wants.names, wants.subscriptions[i], actual.subscriptions.at(i)));
    AddSteps(one, plan.steps);
    plan.subscriptions.push_back(std::move(one));
  }
  if (!wants.bucket.policy)
    plan.notes.push_back(
        fmt::format("{}: no bucket policy, as this is not Amazon's S3: elsewhere conditions of a "
                    "policy may not be heeded",
                    BucketName(wants)));
  for (const std::string& what : actual.bucket.unsupported)
    plan.notes.push_back(fmt::format("{}: this store has no {}, which is left as it is", BucketName(wants), what));
  return plan;
}

Result<Actual> AwsSetup::Look() {
  Actual actual;
  SESHAT_ASSIGN(actual.bucket, bucket_.Look());
  SESHAT_ASSIGN(actual.topic, topic_.Look());
  for (const SubscriptionSpec& spec : wants_.subscriptions) {
    SESHAT_ASSIGN(auto one, subscriptions_.Look(spec.name));
    actual.subscriptions.push_back(std::move(one));
  }
  return actual;
}

Status AwsSetup::Apply(const Plan& plan, const std::function<void(const Step&)>& on_done) {
  const auto report = [&](const std::vector<std::string>& resources) {
    for (const Step& step : plan.steps)
      if (std::ranges::find(resources, step.resource) != resources.end()) on_done(step);
  };
  if (!plan.bucket.empty()) {
    SESHAT_TRY(bucket_.Apply(plan.bucket));
    report({BucketName(wants_)});
  }
  if (!plan.topic.empty()) {
    SESHAT_TRY(topic_.Apply(plan.topic));
    report({TopicName(wants_)});
  }
  for (size_t i = 0; i < plan.subscriptions.size(); ++i) {
    if (plan.subscriptions[i].empty()) continue;
    SESHAT_TRY(subscriptions_.Apply(plan.subscriptions[i]));
    const std::string& name = wants_.subscriptions[i].name;
    report({QueueName(wants_.names.dead_queue(name)), QueueName(wants_.names.queue(name))});
  }
  return {};
}

}  // namespace seshat::provisioning
