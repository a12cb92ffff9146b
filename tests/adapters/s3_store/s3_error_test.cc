#include "adapters/s3_store/s3_error.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace seshat::s3_store {
namespace {

Error Refused(int status, std::string_view code) {
  http::Response response;
  response.status = status;
  response.body = fmt::format("<Error><Code>{}</Code><Message>no</Message></Error>", code);
  return ErrorFrom("s3:PutObject", "s3://lab/a/raw/b", response);
}

TEST(S3ErrorTest, WhatTheObjectItselfHasEarnedIsAnInvalidArgument) {
  for (const auto& [status, code] : {std::pair{400, "KeyTooLongError"}, {400, "EntityTooLarge"}, {416, "InvalidRange"}})
    EXPECT_EQ(Refused(status, code).code, ErrorCode::kInvalidArgument) << code;
}

TEST(S3ErrorTest, WhatWouldComeForEveryObjectIsNot) {
  for (const auto& [status, code] : {std::pair{400, "InvalidStorageClass"},
                                     {400, "InvalidArgument"},
                                     {400, "KMS.NotFoundException"},
                                     {400, "SomethingNew"},
                                     {411, "MissingContentLength"}})
    EXPECT_EQ(Refused(status, code).code, ErrorCode::kInternal) << code;
}

TEST(S3ErrorTest, AnotherRegionIsAboutWhoAsksWhere) {
  EXPECT_EQ(Refused(301, "PermanentRedirect").code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(Refused(400, "AuthorizationHeaderMalformed").code, ErrorCode::kUnauthenticated);
}

TEST(S3ErrorTest, AStoreThatIsNotThereIsNoMissingObject) {
  const Error no_bucket = Refused(404, "NoSuchBucket");
  EXPECT_EQ(no_bucket.code, ErrorCode::kPermissionDenied);
  EXPECT_NE(no_bucket.message.find("store.url"), std::string::npos) << no_bucket.message;
  EXPECT_EQ(Refused(404, "NoSuchKey").code, ErrorCode::kNotFound);
  EXPECT_EQ(Refused(404, "NoSuchUpload").code, ErrorCode::kNotFound);
  EXPECT_EQ(Refused(404, "XAdminUserNotFound").code, ErrorCode::kUnauthenticated);
}

TEST(S3ErrorTest, ARequestThatArrivedBrokenIsSentAgain) {
  EXPECT_EQ(Refused(400, "BadRequest").code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace seshat::s3_store
