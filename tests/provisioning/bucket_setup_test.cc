// What goes over the wire, on a bucket that keeps what it is sent.
#include "provisioning/bucket_setup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "adapters/sns_sqs/model_aws.h"
#include "provisioning/aws_setup.h"
#include "support/fakes.h"

namespace seshat::provisioning {
namespace {

// S3's configuration of one bucket: a document for each query.
class ModelBucket : public http::Sender {
 public:
  http::Outcome Send(http::Request request, std::stop_token) override {
    http::Outcome outcome{.response = http::Response{.status = 200}};
    operations.push_back(request.method + " " + request.operation);
    const std::string_view body(reinterpret_cast<const char*>(request.body.bytes.data()), request.body.bytes.size());
    if (denied == request.operation) {
      Refuse(*outcome.response, 403, "AccessDenied");
    } else if (request.method == "PUT") {
      Put(request, body, *outcome.response);
    } else if (!exists) {
      Refuse(*outcome.response, 404, request.method == "HEAD" ? "" : "NoSuchBucket");
    } else if (request.method == "GET") {
      if (missing.contains(request.query)) {
        Refuse(*outcome.response, 501, "NotImplemented");
      } else if (documents.contains(request.query)) {
        outcome.response->body = documents[request.query];
        if (request.query == "lifecycle=")
          outcome.response->headers.Add("x-amz-transition-default-minimum-object-size", "varies_by_storage_class");
      } else if (request.query == "versioning=") {
        outcome.response->body = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
      } else {
        Refuse(*outcome.response, 404, kNotSet.at(request.query));
      }
    }
    return outcome;
  }

  bool exists = false;
  std::string denied;
  std::map<std::string, std::string> documents;
  std::map<std::string, http::HeaderList> headers;
  std::set<std::string> missing;
  std::vector<std::string> operations;

 private:
  static inline const std::map<std::string, std::string> kNotSet{
      {"ownershipControls=", "OwnershipControlsNotFoundError"},
      {"publicAccessBlock=", "NoSuchPublicAccessBlockConfiguration"},
      {"encryption=", "ServerSideEncryptionConfigurationNotFoundError"},
      {"lifecycle=", "NoSuchLifecycleConfiguration"},
      {"policy=", "NoSuchBucketPolicy"}};

  static void Refuse(http::Response& response, int status, const std::string& code) {
    response.status = status;
    if (!code.empty()) response.body = "<Error><Code>" + code + "</Code><Message>m</Message></Error>";
  }
  void Put(const http::Request& request, std::string_view body, http::Response& response) {
    if (request.query.empty() && exists) return Refuse(response, 409, "BucketAlreadyOwnedByYou");
    exists = true;
    documents[request.query] = body;
    headers[request.query] = request.headers;
  }
};

class BucketSetupTest : public ::testing::Test {
 protected:
  BucketSetupTest() {
    wants_.bucket = "lab";
    wants_.region = "eu-central-1";
    wants_.archive_above_bytes = 1'500'000;
  }
  BucketSetup Bucket() { return {s3_, aws::ResolveBucket("lab", {.region = "eu-central-1"}).value(), wants_}; }
  void Make() {
    BucketSetup setup = Bucket();
    const auto actual = setup.Look();
    ASSERT_TRUE(actual) << actual.error().ToString();
    const auto plan = PlanBucket(wants_, *actual);
    ASSERT_TRUE(plan) << plan.error().ToString();
    const auto made = setup.Apply(*plan);
    ASSERT_TRUE(made) << made.error().ToString();
  }
  size_t Writes() const {
    return static_cast<size_t>(
        std::ranges::count_if(s3_.operations, [](const std::string& o) { return o.starts_with("PUT"); }));
  }

  BucketWants wants_;
  ModelBucket s3_;
};

TEST_F(BucketSetupTest, MakesABucketAndThenFindsNothingToDo) {
  Make();
  EXPECT_NE(s3_.documents.at("").find("<LocationConstraint>eu-central-1<"), std::string::npos);
  EXPECT_EQ(Writes(), 7U);
  Make();
  EXPECT_EQ(Writes(), 7U);
}

TEST_F(BucketSetupTest, TheFirstRegionIsNotNamed) {
  wants_.region = "us-east-1";
  Make();
  EXPECT_EQ(s3_.documents.at(""), "");
}

TEST_F(BucketSetupTest, LooksWithoutWriting) {
  s3_.exists = true;
  ASSERT_TRUE(Bucket().Look());
  EXPECT_EQ(Writes(), 0U);
}

TEST_F(BucketSetupTest, KeepsTheDefaultForSmallObjectsThatSomebodyChose) {
  s3_.exists = true;
  s3_.documents["lifecycle="] =
      "<LifecycleConfiguration><Rule><ID>theirs</ID><Filter/><Status>Enabled</Status></Rule></LifecycleConfiguration>";
  Make();
  EXPECT_NE(s3_.documents.at("lifecycle=").find("<ID>theirs</ID>"), std::string::npos);
  const auto& headers = s3_.headers.at("lifecycle=");
  EXPECT_NE(std::ranges::find(headers, std::pair<std::string, std::string>(
                                           "x-amz-transition-default-minimum-object-size", "varies_by_storage_class")),
            headers.end());
}

TEST_F(BucketSetupTest, NamesTheMissingPermission) {
  s3_.exists = true;
  s3_.denied = "s3:GetBucketVersioning";
  const auto looked = Bucket().Look();
  ASSERT_FALSE(looked);
  EXPECT_EQ(looked.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(looked.error().message.find("s3:GetBucketVersioning"), std::string::npos);
  s3_.denied = "s3:ListBucket";
  const auto hidden = Bucket().Look();
  ASSERT_FALSE(hidden);
  EXPECT_NE(hidden.error().message.find("somebody else"), std::string::npos);
}

TEST_F(BucketSetupTest, TellsWhatTheStoreHasNot) {
  s3_.exists = true;
  s3_.missing = {"lifecycle=", "publicAccessBlock="};
  const auto actual = Bucket().Look();
  ASSERT_TRUE(actual) << actual.error().ToString();
  EXPECT_EQ(actual->unsupported, (std::vector<std::string>{"public access", "lifecycle"}));
}

// Bucket, topic and queues together.
TEST_F(BucketSetupTest, EverythingIsMadeOnceAndDescribed) {
  testing::FakeClock clock;
  testing::ModelAws aws(clock);
  const Wants wants{.bucket = wants_,
                    .names = {testing::ModelAws::kRegion, testing::ModelAws::kAccount, "lab"},
                    .subscriptions = {{.name = "indexing", .types = {"A"}}, {.name = "processing"}}};
  BucketSetup bucket = Bucket();
  sns_sqs::SnsClient sns(aws, http::ParseUrl("http://sns.model").value());
  sns_sqs::SqsClient sqs(aws, http::ParseUrl("http://sqs.model").value());
  AwsSetup setup(wants, bucket, sns, sqs);
  for (const bool first : {true, false}) {
    const auto actual = setup.Look();
    ASSERT_TRUE(actual) << actual.error().ToString();
    const auto plan = MakePlan(wants, *actual);
    ASSERT_TRUE(plan) << plan.error().ToString();
    std::vector<std::string> done;
    const auto made = setup.Apply(*plan, [&](const Step& step) { done.push_back(step.resource + ": " + step.change); });
    ASSERT_TRUE(made) << made.error().ToString();
    EXPECT_EQ(done.size(), plan->steps.size());
    EXPECT_EQ(plan->steps.empty(), !first);
    if (!first) continue;
    EXPECT_NE(std::ranges::find(done, "queue lab-processing-dead: make it"), done.end());
    EXPECT_NE(std::ranges::find(done, "queue lab-indexing: subscribe it to the topic"), done.end());
  }
  EXPECT_TRUE(aws.sqs().Has("lab-indexing-dead"));
}

}  // namespace
}  // namespace seshat::provisioning
