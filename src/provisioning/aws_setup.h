// Everything that Seshat needs at AWS, for people without the full deployment: a bucket, a topic, and the queues of all
// subscriptions. Look, plan (pure), apply; a second time there is nothing to do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sns_sqs/subscription_setup.h"
#include "ports/event_bus.h"
#include "provisioning/bucket_setup.h"
#include "provisioning/topic_setup.h"

namespace seshat::provisioning {

// One thing to do, in words.
struct Step {
  std::string resource;  // "bucket lab-recordings"
  std::string change;    // "keep old versions of objects"
  bool makes = false;    // the resource is not there yet
};

struct Actual {
  BucketActual bucket;
  std::optional<std::string> topic;                        // its policy
  std::vector<sns_sqs::SubscriptionActual> subscriptions;  // as many as there are wanted
};

struct Plan {
  BucketPlan bucket;
  TopicPlan topic;
  std::vector<sns_sqs::SubscriptionPlan> subscriptions;
  std::vector<Step> steps;         // in the order in which they are made
  std::vector<std::string> notes;  // what this service has not got
};

struct Wants {
  BucketWants bucket;
  sns_sqs::BusNames names;
  std::vector<SubscriptionSpec> subscriptions;
};

// Pure.
Result<Plan> MakePlan(const Wants& wants, const Actual& actual);

class AwsSetup {
 public:
  // All must outlive this.
  AwsSetup(const Wants& wants, BucketSetup& bucket, sns_sqs::SnsClient& sns, sns_sqs::SqsClient& sqs)
      : wants_(wants), bucket_(bucket), topic_(wants.names, sns), subscriptions_(wants.names, sns, sqs) {}

  // Reads only. An error names what could not be looked at and the permission that is missing.
  Result<Actual> Look();
  // `on_done` is told of the steps of each resource when they have been made. Where one fails those before it stay: the
  // next run goes on from there.
  Status Apply(const Plan& plan, const std::function<void(const Step&)>& on_done);

 private:
  const Wants& wants_;
  BucketSetup& bucket_;
  TopicSetup topic_;
  sns_sqs::SubscriptionSetup subscriptions_;
};

}  // namespace seshat::provisioning
