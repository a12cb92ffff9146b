#include "platform/aws/error.h"

#include <gtest/gtest.h>

#include "support/fake_http_client.h"

namespace seshat::aws {
namespace {

using testing::HttpAnswered;

AwsError ParsedFrom(int status, std::string body, const http::HeaderList& headers = {}) {
  return ParseAwsError(*HttpAnswered(status, std::move(body), headers).response);
}

TEST(AwsErrorParse, S3) {
  const AwsError error =
      ParsedFrom(301,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>PermanentRedirect</Code><Message>The bucket "
                 "is "
                 "elsewhere &amp; not here</Message><Endpoint>b.s3.amazonaws.com</Endpoint><Region>eu-west-1</Region>"
                 "<RequestId>R1</RequestId></Error>");
  EXPECT_EQ(error.code, "PermanentRedirect");
  EXPECT_EQ(error.message, "The bucket is elsewhere & not here");
  EXPECT_EQ(error.region, "eu-west-1");
  EXPECT_EQ(error.request_id, "R1");
  EXPECT_EQ(error.status, 301);
}

TEST(AwsErrorParse, QueryProtocols) {
  const AwsError sns =
      ParsedFrom(404,
                 "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>"
                 "<Code>NotFound</Code><Message>Topic does not "
                 "exist</Message></Error><RequestId>R2</RequestId></ErrorResponse>");
  EXPECT_EQ(sns.code, "NotFound");
  EXPECT_EQ(sns.message, "Topic does not exist");
  EXPECT_EQ(sns.request_id, "R2");
  const AwsError ec2 =
      ParsedFrom(401,
                 "<Response><Errors><Error><Code>AuthFailure</Code><Message>m</Message></Error></Errors>"
                 "<RequestID>R3</RequestID></Response>");
  EXPECT_EQ(ec2.code, "AuthFailure");
  EXPECT_EQ(ec2.request_id, "R3");
}

TEST(AwsErrorParse, Json) {
  const AwsError sqs = ParsedFrom(
      400, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"})",
      {{"x-amzn-RequestId", "R4"}, {"x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"}});
  EXPECT_EQ(sqs.code, "QueueDoesNotExist");
  EXPECT_EQ(sqs.message, "no such queue");
  EXPECT_EQ(sqs.request_id, "R4");
  EXPECT_EQ(ParsedFrom(400, R"({"__type":"ThrottlingException","Message":"slower"})").message, "slower");
  EXPECT_EQ(ParsedFrom(400, "{}", {{"x-amzn-query-error", "A.B;Sender"}}).code, "A.B");
  EXPECT_EQ(ParsedFrom(400, "", {{"x-amzn-errortype", "SomeException:http://x"}}).code, "SomeException");
}

TEST(AwsErrorParse, WithoutABodyTheStatusIsTheCode) {
  const AwsError error = ParsedFrom(404, "", {{"x-amz-request-id", "R5"}, {"x-amz-bucket-region", "eu-west-1"}});
  EXPECT_EQ(error.code, "404");
  EXPECT_EQ(error.request_id, "R5");
  EXPECT_EQ(error.region, "eu-west-1");
}

TEST(AwsErrorParse, WhatIsNoErrorHasNoCode) {
  for (const char* body : {"", "   ", "hello", "<html><body>bad gateway</body></html>", "<Error", "[1]",
                           "{\"a\":", "<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>"})
    EXPECT_EQ(ParseAwsErrorBody(body).code, "") << body;
  EXPECT_EQ(ParseAwsErrorBody("\n <Error><Code>InternalError</Code></Error>").code, "InternalError");
}

TEST(AwsErrorParse, AHostileAnswerIsTamed) {
  const AwsError error = ParsedFrom(
      400, "<Error><Code>A\nB</Code><Message>line\r\n\x1b[31mforged" + std::string(2000, 'x') + "</Message></Error>");
  EXPECT_EQ(error.code, "A B");
  EXPECT_EQ(error.message.find_first_of("\r\n\x1b"), std::string::npos);
  EXPECT_LE(error.message.size(), 500U);
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "<Error>";
  EXPECT_EQ(ParseAwsErrorBody(deep).code, "");
  EXPECT_EQ(ParseAwsErrorBody("{\"__type\":" + std::string(50'000, '[')).code, "");
}

struct Row {
  int status;
  std::string_view code;
  ErrorCode meaning;
  http::Verdict verdict;
};

TEST(AwsErrorTable, EveryCodeHasItsMeaning) {
  using enum ErrorCode;
  using http::Verdict;
  const Row rows[] = {
      {404, "NoSuchKey", kNotFound, Verdict::kFinal},
      {404, "NoSuchBucket", kNotFound, Verdict::kFinal},
      {404, "NoSuchUpload", kNotFound, Verdict::kFinal},
      {400, "QueueDoesNotExist", kNotFound, Verdict::kFinal},
      {400, "AWS.SimpleQueueService.NonExistentQueue", kNotFound, Verdict::kFinal},
      {412, "PreconditionFailed", kAlreadyExists, Verdict::kFinal},
      {409, "BucketAlreadyOwnedByYou", kAlreadyExists, Verdict::kFinal},
      {409, "ConditionalRequestConflict", kUnavailable, Verdict::kFinal},
      {409, "OperationAborted", kUnavailable, Verdict::kAgain},
      {403, "InvalidObjectState", kArchived, Verdict::kFinal},
      {409, "RestoreAlreadyInProgress", kAlreadyExists, Verdict::kFinal},
      {400, "BadDigest", kDataLoss, Verdict::kFinal},
      {400, "XAmzContentSHA256Mismatch", kDataLoss, Verdict::kFinal},
      {400, "IncompleteBody", kUnavailable, Verdict::kAgain},
      {400, "BadRequest", kUnavailable, Verdict::kAgain},
      {403, "AccessDenied", kPermissionDenied, Verdict::kFinal},
      {403, "AuthorizationError", kPermissionDenied, Verdict::kFinal},
      {400, "AccessDeniedException", kPermissionDenied, Verdict::kFinal},
      {403, "InvalidAccessKeyId", kUnauthenticated, Verdict::kFinal},
      {403, "SignatureDoesNotMatch", kUnauthenticated, Verdict::kFinal},
      {403, "RequestTimeTooSkewed", kUnauthenticated, Verdict::kFinal},
      {400, "ExpiredToken", kUnauthenticated, Verdict::kFinal},
      {400, "ExpiredTokenException", kUnauthenticated, Verdict::kFinal},
      {403, "InvalidClientTokenId", kUnauthenticated, Verdict::kFinal},
      {400, "RequestTimeout", kUnavailable, Verdict::kAgain},
      {500, "InternalError", kUnavailable, Verdict::kAgain},
      {503, "SlowDown", kUnavailable, Verdict::kThrottled},
      {503, "ServiceUnavailable", kUnavailable, Verdict::kThrottled},
      {400, "Throttling", kUnavailable, Verdict::kThrottled},
      {400, "ThrottlingException", kUnavailable, Verdict::kThrottled},
      {403, "RequestThrottled", kUnavailable, Verdict::kThrottled},
      {503, "RequestLimitExceeded", kUnavailable, Verdict::kThrottled},
      {400, "KMS.ThrottlingException", kUnavailable, Verdict::kThrottled},
      {429, "TooManyRequestsException", kUnavailable, Verdict::kThrottled},
      {400, "OverLimit", kResourceExhausted, Verdict::kFinal},
      {501, "NotImplemented", kUnsupported, Verdict::kFinal},
      {400, "EntityTooLarge", kInvalidArgument, Verdict::kFinal},
      {400, "MalformedXML", kInvalidArgument, Verdict::kFinal},
      // By the status alone.
      {400, "SomethingNew", kInvalidArgument, Verdict::kFinal},
      {401, "SomethingNew", kUnauthenticated, Verdict::kFinal},
      {403, "SomethingNew", kPermissionDenied, Verdict::kFinal},
      {404, "SomethingNew", kNotFound, Verdict::kFinal},
      {405, "SomethingNew", kUnsupported, Verdict::kFinal},
      {408, "SomethingNew", kUnavailable, Verdict::kAgain},
      {412, "SomethingNew", kAlreadyExists, Verdict::kFinal},
      {500, "SomethingNew", kUnavailable, Verdict::kAgain},
      {502, "SomethingNew", kUnavailable, Verdict::kAgain},
      {504, "SomethingNew", kUnavailable, Verdict::kAgain},
      {507, "SomethingNew", kResourceExhausted, Verdict::kFinal},
  };
  for (const Row& row : rows) {
    const std::string body = "<Error><Code>" + std::string(row.code) + "</Code></Error>";
    const http::Outcome outcome = HttpAnswered(row.status, body);
    EXPECT_EQ(CodeOf(ParseAwsError(*outcome.response)), row.meaning) << row.status << " " << row.code;
    EXPECT_EQ(Judge(outcome), row.verdict) << row.status << " " << row.code;
  }
}

TEST(AwsErrorTable, OtherOutcomesAreJudgedAsForAnyServer) {
  EXPECT_EQ(Judge(HttpAnswered(200, "<Error><Code>SlowDown</Code></Error>")), http::Verdict::kFinal);
  EXPECT_EQ(Judge(testing::HttpFailed(ErrorCode::kUnavailable)), http::Verdict::kAgain);
  EXPECT_EQ(Judge(testing::HttpFailed(ErrorCode::kInvalidArgument)), http::Verdict::kFinal);
}

struct Advised {
  AwsError error;
  CallContext context;
  std::string_view says;
};

TEST(AwsErrorAdvice, SaysWhatToDo) {
  const Advised rows[] = {
      {{"AccessDenied", "no", "R", "", 403},
       {"s3:PutObject", "s3://b/k", ""},
       "give this role or user the permission s3:PutObject"},
      {{"AccessDenied", "no", "R", "", 403}, {"s3:PutObject", "s3://b/k", ""}, "on s3://b/k"},
      {{"403", "", "", "", 403}, {}, "lacks a permission"},
      {{"KMS.AccessDeniedException", "", "", "", 400}, {}, "kms:GenerateDataKey"},
      {{"PermanentRedirect", "", "", "eu-west-1", 301},
       {"", "s3://b", "us-east-1"},
       "s3://b is in the region eu-west-1, not in us-east-1: set aws.region = \"eu-west-1\""},
      {{"AuthorizationHeaderMalformed", "", "", "eu-west-1", 400},
       {"", "", "us-east-1"},
       "set aws.region = \"eu-west-1\""},
      {{"400", "", "", "eu-west-1", 400}, {"", "", "us-east-1"}, "set aws.region = \"eu-west-1\""},
      {{"301", "", "", "", 301}, {}, "another region"},
      {{"InvalidAccessKeyId", "", "", "", 403}, {}, "does not know this access key"},
      {{"SignatureDoesNotMatch", "", "", "", 403}, {}, "the secret key does not belong to the access key"},
      {{"SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2", "", "", 403}, {}, "set the clock"},
      {{"RequestTimeTooSkewed", "", "", "", 403}, {}, "set the clock"},
      {{"ExpiredToken", "", "", "", 400}, {}, "have expired"},
      {{"NoSuchBucket", "", "", "", 404}, {"", "s3://b", ""}, "there is no such bucket (s3://b): check store.url"},
      {{"QueueDoesNotExist", "", "", "", 400}, {"", "queue q", ""}, "there is no such queue (queue q): check bus.url"},
      {{"NotFound", "", "", "", 404}, {"sns:Publish", "topic t", ""}, "there is no such topic (topic t)"},
      {{"NoSuchKey", "", "", "", 404}, {"", "s3://b/k", ""}, "there is no s3://b/k"},
      {{"SlowDown", "", "", "", 503}, {}, "try again later"},
      {{"InvalidObjectState", "", "", "", 403}, {}, "restore it first"},
      {{"BadDigest", "", "", "", 400}, {}, "the checksums differ"},
  };
  for (const Advised& row : rows) {
    const std::string text = ToError(row.error, row.context).message;
    EXPECT_NE(text.find(row.says), std::string::npos) << text;
    EXPECT_NE(text.find(row.error.code), std::string::npos) << text;
  }
  EXPECT_EQ(ToError({"AccessDenied", "Access Denied", "R1", "", 403}, {"sns:Publish", "topic t", ""}).message,
            "not allowed on topic t: give this role or user the permission sns:Publish (AccessDenied: Access Denied; "
            "request R1)");
}

TEST(AwsErrorAdvice, CheckedKeepsSuccessAndRetryAfter) {
  EXPECT_EQ(Checked(HttpAnswered(204), {})->status, 204);
  const auto refused = Checked(HttpAnswered(503, "", {{"Retry-After", "3"}}), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(3));
  EXPECT_EQ(Checked(testing::HttpFailed(ErrorCode::kCancelled), {}).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace seshat::aws
