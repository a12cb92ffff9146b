#include "provisioning/role_policies.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

namespace seshat::provisioning {
namespace {

PolicySubjects SomeSubjects() {
  return {.names = {"eu-central-1", "123456789012", "lab"},
          .bucket = "recordings",
          .subscriptions = {"indexing", "processing"}};
}

std::set<std::string> ActionsOf(const std::string& text) {
  std::set<std::string> actions;
  const auto policy = boost::json::parse(text);
  for (const auto& statement : policy.at("Statement").get_array()) {
    EXPECT_EQ(statement.at("Effect"), "Allow");
    EXPECT_FALSE(statement.at("Resource").get_array().empty());
    for (const auto& action : statement.at("Action").get_array()) actions.insert(std::string(action.get_string()));
  }
  return actions;
}

TEST(RolePolicies, AgentsWriteAndPublishAndNothingElse) {
  EXPECT_EQ(
      ActionsOf(RolePolicy(Role::kAgent, SomeSubjects())),
      (std::set<std::string>{"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "sns:Publish"}));
  PolicySubjects encrypted = SomeSubjects();
  encrypted.kms_key = "arn:aws:kms:eu-central-1:123456789012:key/k";
  const auto actions = ActionsOf(RolePolicy(Role::kAgent, encrypted));
  EXPECT_TRUE(actions.contains("kms:GenerateDataKey"));
  EXPECT_TRUE(actions.contains("kms:Decrypt"));
  EXPECT_EQ(actions.size(), 6U);
}

TEST(RolePolicies, ReadersWriteNothing) {
  EXPECT_EQ(ActionsOf(RolePolicy(Role::kReader, SomeSubjects())),
            (std::set<std::string>{"s3:GetObject", "s3:ListBucket"}));
}

TEST(RolePolicies, NobodyMayDeleteOrTouchOtherThings) {
  for (const Role role : {Role::kAgent, Role::kWorker, Role::kReader, Role::kSetup}) {
    const std::string text = RolePolicy(role, SomeSubjects());
    EXPECT_EQ(text.find("s3:Delete"), std::string::npos);
    EXPECT_EQ(text.find(":*\","), std::string::npos);
    EXPECT_EQ(text.find("\"*\""), std::string::npos);
    ActionsOf(text);
  }
}

TEST(RolePolicies, WorkersReachEveryQueueAndItsDeadLetters) {
  const std::string text = RolePolicy(Role::kWorker, SomeSubjects());
  for (const char* queue : {"lab-indexing", "lab-indexing-dead", "lab-processing", "lab-processing-dead"})
    EXPECT_NE(text.find(std::string("\"arn:aws:sqs:eu-central-1:123456789012:") + queue + "\""), std::string::npos);
  EXPECT_TRUE(ActionsOf(text).contains("sqs:ReceiveMessage"));
  EXPECT_TRUE(ActionsOf(text).contains("s3:GetObject"));
}

TEST(RolePolicies, KeepToThePrefixAndThePartition) {
  PolicySubjects subjects = SomeSubjects();
  subjects.prefix = "rigs";
  subjects.names.region = "cn-north-1";
  EXPECT_NE(RolePolicy(Role::kAgent, subjects).find("\"arn:aws-cn:s3:::recordings/rigs/*\""), std::string::npos);
  EXPECT_EQ(ParseRole("agent"), Role::kAgent);
  EXPECT_EQ(ParseRole("Agent"), std::nullopt);
}

}  // namespace
}  // namespace seshat::provisioning
