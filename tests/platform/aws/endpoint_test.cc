#include "platform/aws/endpoint.h"

#include <gtest/gtest.h>

namespace seshat::aws {
namespace {

EndpointOptions In(std::string region) {
  EndpointOptions options;
  options.region = std::move(region);
  return options;
}

std::string UrlOf(std::string_view service, const EndpointOptions& options) {
  const auto url = ServiceEndpoint(service, options);
  return url ? url->origin.url() + url->path : url.error().message;
}

std::string BucketUrl(std::string_view bucket, std::string_view key, const EndpointOptions& options) {
  const auto endpoint = ResolveBucket(bucket, options);
  return endpoint ? endpoint->origin.url() + endpoint->PathOf(key) : endpoint.error().message;
}

TEST(AwsEndpoint, PartitionsHaveTheirOwnNames) {
  EXPECT_EQ(UrlOf("sns", In("eu-central-1")), "https://sns.eu-central-1.amazonaws.com/");
  EXPECT_EQ(UrlOf("sqs", In("cn-north-1")), "https://sqs.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(UrlOf("sts", In("us-gov-west-1")), "https://sts.us-gov-west-1.amazonaws.com/");
  EXPECT_EQ(UrlOf("s3", In("us-iso-east-1")), "https://s3.us-iso-east-1.c2s.ic.gov/");
  EXPECT_EQ(UrlOf("s3", In("us-isob-east-1")), "https://s3.us-isob-east-1.sc2s.sgov.gov/");
  EXPECT_EQ(UrlOf("s3", In("eusc-de-east-1")), "https://s3.eusc-de-east-1.amazonaws.eu/");
  EXPECT_EQ(PartitionOf("xx-new-9").id, "aws");
}

TEST(AwsEndpoint, Arns) {
  EXPECT_EQ(Arn("sns", "eu-central-1", "123456789012", "seshat"), "arn:aws:sns:eu-central-1:123456789012:seshat");
  EXPECT_EQ(Arn("sqs", "cn-north-1", "123456789012", "q"), "arn:aws-cn:sqs:cn-north-1:123456789012:q");
  EXPECT_EQ(Arn("sns", "us-gov-east-1", "1", "t"), "arn:aws-us-gov:sns:us-gov-east-1:1:t");
}

TEST(AwsEndpoint, OverridesOfAllAndOfOne) {
  EndpointOptions options = In("us-east-1");
  options.endpoint = "http://127.0.0.1:5000";
  options.endpoint_sqs = "https://queues.lab/base";
  EXPECT_EQ(UrlOf("sns", options), "http://127.0.0.1:5000/");
  EXPECT_EQ(UrlOf("sqs", options), "https://queues.lab/base");
  EXPECT_EQ(BucketUrl("data", "a", options), "http://127.0.0.1:5000/data/a");
  options.endpoint_s3 = "http://store.lab:7070";
  EXPECT_EQ(BucketUrl("data", "a", options), "http://store.lab:7070/data/a");
}

TEST(AwsEndpoint, WhatCannotBe) {
  for (const char* region : {"", "eu-central-1.evil.example/", "EU", "a b"})
    EXPECT_FALSE(ServiceEndpoint("sns", In(region))) << region;
  EndpointOptions options = In("us-east-1");
  options.endpoint = "store.lab";
  EXPECT_FALSE(ServiceEndpoint("sns", options));
  options.endpoint = "http://store.lab/?x";
  EXPECT_FALSE(ServiceEndpoint("sns", options));
}

TEST(AwsBucket, VirtualHostWhereTheCertificateCoversIt) {
  EndpointOptions options = In("eu-west-1");
  EXPECT_EQ(BucketUrl("data", "k", options), "https://data.s3.eu-west-1.amazonaws.com/k");
  EXPECT_EQ(BucketUrl("data", "", options), "https://data.s3.eu-west-1.amazonaws.com/");
  EXPECT_EQ(BucketUrl("da.ta", "k", options), "https://s3.eu-west-1.amazonaws.com/da.ta/k");
  EXPECT_EQ(BucketUrl("da.ta", "", options), "https://s3.eu-west-1.amazonaws.com/da.ta");
  options.addressing = Addressing::kPath;
  EXPECT_EQ(BucketUrl("data", "k", options), "https://s3.eu-west-1.amazonaws.com/data/k");
  options.addressing = Addressing::kVirtual;
  options.endpoint_s3 = "http://store.lab:7070/base/";
  EXPECT_EQ(BucketUrl("data", "k", options), "http://data.store.lab:7070/base/k");
}

TEST(AwsBucket, KeysAreEncodedOnceAndNeverResolved) {
  EXPECT_EQ(BucketUrl("data", "a//../b+c d%20\xc3\xa9?#", In("eu-west-1")),
            "https://data.s3.eu-west-1.amazonaws.com/a//../b%2Bc%20d%2520%C3%A9%3F%23");
}

TEST(AwsBucket, NamesThatNoBucketCanHave) {
  for (const char* name : {"", "ab", "-abc", "abc-", "a..b", "Abc", "a_b", "a/b", "a.b@evil"})
    EXPECT_FALSE(ResolveBucket(name, In("eu-west-1"))) << name;
  EXPECT_FALSE(ResolveBucket(std::string(64, 'a'), In("eu-west-1")));
  EXPECT_TRUE(ResolveBucket(std::string(63, 'a'), In("eu-west-1")));
}

}  // namespace
}  // namespace seshat::aws
