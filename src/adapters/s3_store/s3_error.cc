#include "adapters/s3_store/s3_error.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "platform/http/date.h"

namespace seshat::s3_store {
namespace {

// Refusals that this one object has earned ("Error responses", S3 API reference; the last is MinIO's). 409, 412 and 416
// speak of it as well.
constexpr std::array<std::string_view, 7> kAboutTheObject = {
    "EntityTooLarge",  "EntityTooSmall",   "InvalidRange",           "InvalidURI",
    "KeyTooLongError", "MetadataTooLarge", "XMinioInvalidObjectName"};
constexpr std::array<std::string_view, 4> kAnotherRegion = {
    "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect"};

bool Holds(std::span<const std::string_view> codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

// kInvalidArgument says that this put can never succeed, and callers pass over the file. What would come for every
// object (a storage class or a KMS key that the service does not take) must stop them instead.
ErrorCode Narrowed(ErrorCode code, const aws::AwsError& error) {
  // A store that is not there must never look like a store without this object. (Of a bucket that is somebody else's, S3
  // says that access is denied.)
  if (error.code == "NoSuchBucket") return ErrorCode::kPermissionDenied;
  if (code != ErrorCode::kInvalidArgument || error.status == 409 || error.status == 416) return code;
  if (Holds(kAboutTheObject, error.code)) return code;
  return Holds(kAnotherRegion, error.code) || error.status < 400 ? ErrorCode::kUnauthenticated : ErrorCode::kInternal;
}

}  // namespace

Error ErrorFrom(std::string_view action, std::string_view resource, const http::Response& response) {
  const aws::AwsError parsed = aws::ParseAwsError(response);
  Error error = aws::ToError(parsed, {.action = action, .resource = resource});
  error.code = Narrowed(error.code, parsed);
  if (const auto wait = response.headers.Find("retry-after"))
    error.retry_after = http::ParseRetryAfter(*wait, Timestamp{});
  return error;
}

}  // namespace seshat::s3_store
