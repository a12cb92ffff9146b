#include "provisioning/bucket_plan.h"

#include <gtest/gtest.h>

#include "adapters/sns_sqs/policy_document.h"

namespace seshat::provisioning {
namespace {

BucketWants SomeWants() {
  BucketWants wants;
  wants.bucket = "lab";
  wants.region = "eu-central-1";
  wants.archive_above_bytes = records::ArchiveBorderBytes(PriceTable());
  return wants;
}

// As S3 has it after everything was made.
BucketActual Finished(const BucketWants& wants) {
  BucketActual actual;
  actual.exists = true;
  actual.public_blocked = true;
  actual.ownership = "BucketOwnerEnforced";
  actual.versioning = "Enabled";
  actual.encryption = wants.kms ? "aws:kms" : "AES256";
  actual.policy = BucketPolicy(wants);
  actual.lifecycle = ReadLifecycle(LifecycleText(LifecycleRules(wants))).value();
  return actual;
}

BucketPlan PlanOf(const BucketWants& wants, const BucketActual& actual) {
  auto plan = PlanBucket(wants, actual);
  EXPECT_TRUE(plan) << plan.error().ToString();
  return plan ? *std::move(plan) : BucketPlan();
}

TEST(BucketPlan, MakesEverythingWhereThereIsNothing) {
  const BucketPlan plan = PlanOf(SomeWants(), {});
  EXPECT_TRUE(plan.create && plan.own && plan.block_public && plan.version && plan.encrypt);
  ASSERT_TRUE(plan.lifecycle);
  EXPECT_EQ(plan.lifecycle->size(), 3U);
  ASSERT_TRUE(plan.policy);
  EXPECT_EQ(plan.changes.size(), 7U);
}

TEST(BucketPlan, HasNothingToDoASecondTime) {
  BucketWants wants = SomeWants();
  EXPECT_TRUE(PlanOf(wants, Finished(wants)).empty());
  wants.prefix = "rigs/a&b";
  wants.kms = true;
  EXPECT_TRUE(PlanOf(wants, Finished(wants)).empty());
}

TEST(BucketPlan, ChangesOneThingWhereOneThingDiffers) {
  const BucketWants wants = SomeWants();
  const auto only = [&](auto change, bool BucketPlan::* what) {
    BucketActual actual = Finished(wants);
    change(actual);
    const BucketPlan plan = PlanOf(wants, actual);
    EXPECT_TRUE(plan.*what);
    EXPECT_EQ(plan.changes.size(), 1U);
  };
  only([](BucketActual& a) { a.public_blocked = false; }, &BucketPlan::block_public);
  only([](BucketActual& a) { a.ownership = "ObjectWriter"; }, &BucketPlan::own);
  only([](BucketActual& a) { a.versioning = "Suspended"; }, &BucketPlan::version);
  only([](BucketActual& a) { a.encryption = ""; }, &BucketPlan::encrypt);
  BucketActual actual = Finished(wants);
  actual.policy = "";
  EXPECT_TRUE(PlanOf(wants, actual).policy);
  actual = Finished(wants);
  BucketWants other = wants;
  other.archive_after_days = 30;
  EXPECT_TRUE(PlanOf(other, actual).lifecycle);
  EXPECT_EQ(PlanOf(other, actual).changes.size(), 1U);
}

TEST(BucketPlan, LoosensNothing) {
  const BucketWants wants = SomeWants();
  BucketActual actual = Finished(wants);
  actual.encryption = "aws:kms:dsse";
  actual.policy =
      sns_sqs::MergePolicy(R"({"Version":"2012-10-17","Statement":{"Sid":"OnlyFromTheLab","Effect":"Deny"}})",
                           BucketPolicy(wants))
          .value();
  actual.lifecycle.push_back({"theirs", "<Rule><ID>theirs</ID><Status>Enabled</Status></Rule>"});
  EXPECT_TRUE(PlanOf(wants, actual).empty());
  actual.policy = R"({"Version":"2012-10-17","Statement":{"Sid":"OnlyFromTheLab","Effect":"Deny"}})";
  actual.lifecycle.erase(actual.lifecycle.begin());
  const BucketPlan plan = PlanOf(wants, actual);
  ASSERT_TRUE(plan.policy && plan.lifecycle);
  EXPECT_NE(plan.policy->find("OnlyFromTheLab"), std::string::npos);
  EXPECT_EQ(plan.lifecycle->size(), 4U);
  EXPECT_NE(LifecycleText(*plan.lifecycle).find("<ID>theirs</ID>"), std::string::npos);
}

TEST(BucketPlan, DoesNotOverwriteWhatItCannotRead) {
  BucketActual actual = Finished(SomeWants());
  actual.policy = "no json";
  const auto plan = PlanBucket(SomeWants(), actual);
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().message.find("lab"), std::string::npos);
}

TEST(BucketPlan, LeavesAloneWhatTheStoreHasNot) {
  BucketActual actual;
  actual.exists = true;
  actual.unsupported = {"ownership", "public access", "versioning", "encryption", "lifecycle", "policy"};
  EXPECT_TRUE(PlanOf(SomeWants(), actual).empty());
  BucketWants wants = SomeWants();
  wants.policy = false;
  EXPECT_FALSE(PlanOf(wants, {}).policy);
}

TEST(BucketPolicy, DeniesOverwritingButNotParts) {
  BucketWants wants = SomeWants();
  wants.prefix = "rigs";
  EXPECT_TRUE(sns_sqs::SamePolicy(BucketPolicy(wants), R"({
    "Version": "2012-10-17",
    "Statement": [
      {"Sid": "SeshatCreateOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
       "Resource": "arn:aws:s3:::lab/rigs/*",
       "Condition": {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}},
      {"Sid": "SeshatTlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
       "Resource": ["arn:aws:s3:::lab", "arn:aws:s3:::lab/*"],
       "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})"));
}

TEST(LifecycleRules, MoveOnlyWhatPaysBack) {
  const PriceTable prices;
  const uint64_t border = records::ArchiveBorderBytes(prices);
  // The smallest object that moves pays back within the year, the largest that stays does not.
  const auto saves = [&](uint64_t bytes) {
    return records::StorageCost(prices, StorageClass::kGlacierInstantRetrieval, bytes, 12) -
           prices.instant_put_per_1000 / 1000 - records::StorageCost(prices, StorageClass::kDeepArchive, bytes, 12);
  };
  EXPECT_GE(saves(border + 1), 0.0);
  EXPECT_LT(saves(border), 0.0);
  const std::string text = LifecycleText(LifecycleRules(SomeWants()));
  EXPECT_NE(text.find("<Filter><ObjectSizeGreaterThan>" + std::to_string(border) + "</ObjectSizeGreaterThan></Filter>"),
            std::string::npos);
  EXPECT_NE(text.find("<Days>365</Days><StorageClass>DEEP_ARCHIVE</StorageClass>"), std::string::npos);
  BucketWants wants = SomeWants();
  wants.prefix = "a&<b";
  EXPECT_NE(LifecycleRules(wants)[0].xml.find("<And><Prefix>a&amp;&lt;b/</Prefix>"), std::string::npos);
}

TEST(LifecycleRules, AreTheSameInAnyOrderAndWithNamespaces) {
  const auto rules = ReadLifecycle(
      "<?xml version=\"1.0\"?>\n<s3:LifecycleConfiguration xmlns:s3=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<s3:Rule>\n <s3:Status>Enabled</s3:Status> <s3:ID>x</s3:ID></s3:Rule></s3:LifecycleConfiguration>");
  ASSERT_TRUE(rules) << rules.error().ToString();
  ASSERT_EQ(rules->size(), 1U);
  EXPECT_EQ(rules->front().id, "x");
  EXPECT_TRUE(SameRule(rules->front().xml, "<Rule><ID>x</ID><Status>Enabled</Status></Rule>"));
  EXPECT_FALSE(SameRule(rules->front().xml, "<Rule><ID>x</ID><Status>Disabled</Status></Rule>"));
  for (const char* text : {"", "no xml", "<Other/>", "<LifecycleConfiguration>"})
    EXPECT_FALSE(ReadLifecycle(text)) << text;
}

}  // namespace
}  // namespace seshat::provisioning
