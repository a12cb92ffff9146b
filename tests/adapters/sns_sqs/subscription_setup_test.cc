#include "adapters/sns_sqs/subscription_setup.h"

#include <gtest/gtest.h>

#include "adapters/sns_sqs/model_aws.h"
#include "adapters/sns_sqs/policy_document.h"
#include "support/fakes.h"

namespace seshat::sns_sqs {
namespace {

class SubscriptionSetupTest : public ::testing::Test {
 protected:
  SubscriptionSetupTest() { aws_.AddTopic("lab"); }

  SubscriptionPlan Plan(const SubscriptionSpec& spec) {
    auto actual = setup_.Look(spec.name);
    EXPECT_TRUE(actual) << actual.error().ToString();
    auto plan = PlanSubscription(names_, spec, *actual);
    EXPECT_TRUE(plan) << plan.error().ToString();
    return *std::move(plan);
  }
  void Make(const SubscriptionSpec& spec) {
    const auto made = setup_.Apply(Plan(spec));
    EXPECT_TRUE(made) << made.error().ToString();
  }
  void SetAttribute(const std::string& queue, const std::string& name, const std::string& value) {
    const auto set = sqs_.SetAttributes(names_.queue_url(sqs_.endpoint(), queue), {{name, value}});
    EXPECT_TRUE(set);
  }

  testing::FakeClock clock_;
  testing::ModelAws aws_{clock_};
  BusNames names_{testing::ModelAws::kRegion, testing::ModelAws::kAccount, "lab"};
  SnsClient sns_{aws_, http::ParseUrl("http://sns.model").value()};
  SqsClient sqs_{aws_, http::ParseUrl("http://sqs.model").value()};
  SubscriptionSetup setup_{names_, sns_, sqs_};
  const SubscriptionSpec spec_{.name = "s", .types = {"B", "A", "B"}, .max_attempts = 7};
};

TEST_F(SubscriptionSetupTest, MakesTheDeadLettersFirstAndTheLinkLast) {
  const SubscriptionPlan plan = Plan(spec_);
  ASSERT_EQ(plan.queues.size(), 2U);
  EXPECT_EQ(plan.queues[0].queue, "lab-s-dead");
  EXPECT_TRUE(plan.queues[0].create);
  EXPECT_EQ(plan.queues[1].queue, "lab-s");
  EXPECT_TRUE(
      SamePolicy(plan.queues[1].attributes.at("RedrivePolicy"),
                 R"({"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:lab-s-dead","maxReceiveCount":7})"));
  EXPECT_EQ(plan.queues[0].attributes.at("MessageRetentionPeriod"), "1209600");
  ASSERT_TRUE(plan.link);
  EXPECT_EQ(plan.link->attributes.at("RawMessageDelivery"), "true");
  EXPECT_EQ(plan.link->attributes.at("FilterPolicy"), R"({"type":["A","B"]})");
}

TEST_F(SubscriptionSetupTest, OnlyTheTopicMaySendAndOnlyOverTls) {
  const std::string policy = Plan(spec_).queues[1].attributes.at("Policy");
  EXPECT_NE(policy.find(R"("aws:SourceArn":"arn:aws:sns:eu-central-1:123456789012:lab")"), std::string::npos);
  EXPECT_NE(policy.find(R"("aws:SecureTransport":"false")"), std::string::npos);
  EXPECT_EQ(Plan(spec_).queues[0].attributes.at("Policy").find("SendMessage"), std::string::npos);
}

TEST_F(SubscriptionSetupTest, TheSecondTimeThereIsNothingToDo) {
  Make(spec_);
  EXPECT_TRUE(Plan(spec_).empty());
  EXPECT_EQ(aws_.sqs().Copy("lab-s").attributes.at("MessageRetentionPeriod"), "1209600");
}

TEST_F(SubscriptionSetupTest, ChangesOnlyWhatDiffers) {
  Make(spec_);
  SubscriptionSpec other = spec_;
  other.max_attempts = 3;
  const SubscriptionPlan attempts = Plan(other);
  ASSERT_EQ(attempts.queues.size(), 1U);
  EXPECT_EQ(attempts.queues[0].changed, std::vector<std::string>{"RedrivePolicy"});
  EXPECT_FALSE(attempts.queues[0].create);
  EXPECT_FALSE(attempts.link);
  other = spec_;
  other.types.clear();
  const SubscriptionPlan types = Plan(other);
  EXPECT_TRUE(types.queues.empty());
  ASSERT_TRUE(types.link);
  EXPECT_EQ(types.link->attributes, (Attributes{{"FilterPolicy", "{}"}}));
  Make(other);
  EXPECT_TRUE(Plan(other).empty());
}

TEST_F(SubscriptionSetupTest, WhatSomebodyMadeStricterStays) {
  Make(spec_);
  const std::string ours = aws_.sqs().Copy("lab-s").attributes.at("Policy");
  const std::string stricter =
      MergePolicy(R"({"Version":"2012-10-17","Statement":[{"Sid":"NobodyElse","Effect":"Deny"}]})", ours).value();
  SetAttribute("lab-s", "Policy", stricter);
  SetAttribute("lab-s", "KmsMasterKeyId", "alias/lab");
  SetAttribute("lab-s", "SqsManagedSseEnabled", "false");
  EXPECT_TRUE(Plan(spec_).empty());
  SetAttribute("lab-s", "MessageRetentionPeriod", "60");
  const SubscriptionPlan plan = Plan(spec_);
  ASSERT_EQ(plan.queues.size(), 1U);
  EXPECT_EQ(plan.queues[0].changed, std::vector<std::string>{"MessageRetentionPeriod"});
  EXPECT_TRUE(SamePolicy(plan.queues[0].attributes.at("Policy"), stricter));
  EXPECT_FALSE(plan.queues[0].attributes.contains("SqsManagedSseEnabled"));
}

TEST_F(SubscriptionSetupTest, APolicyThatCannotBeReadIsNotOverwritten) {
  SubscriptionActual actual;
  actual.queue = QueueAttributes{{"Policy", "no json"}};
  const auto plan = PlanSubscription(names_, spec_, actual);
  ASSERT_FALSE(plan);
}

TEST_F(SubscriptionSetupTest, FindsItsLinkAmongManyPages) {
  for (const char* name : {"a", "b", "c", "s"}) Make({.name = name});
  EXPECT_TRUE(Plan({.name = "s"}).empty());
}

TEST(MaxReceiveCount, IsReadInBothSpellings) {
  EXPECT_EQ(MaxReceiveCount(R"({"maxReceiveCount":5})"), 5U);
  EXPECT_EQ(MaxReceiveCount(R"({"maxReceiveCount":"12"})"), 12U);
  for (const char* text :
       {"", "[]", "{}", R"({"maxReceiveCount":0})", R"({"maxReceiveCount":-1})", R"({"maxReceiveCount":[]})"})
    EXPECT_FALSE(MaxReceiveCount(text)) << text;
}

}  // namespace
}  // namespace seshat::sns_sqs
