#include "platform/aws/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "platform/aws/error_advice.h"
#include "platform/http/date.h"

namespace seshat::aws {
namespace {

struct CodeRule {
  std::string_view code;
  ErrorCode meaning;
};

// From the error lists of the S3, SNS, SQS and STS API references and the common errors of all services; what is not
// here goes by its status.
constexpr std::array kRules = std::to_array<CodeRule>({
    // S3, objects and buckets
    {"NoSuchKey", ErrorCode::kNotFound},
    {"NoSuchBucket", ErrorCode::kNotFound},
    {"NoSuchUpload", ErrorCode::kNotFound},
    {"NoSuchVersion", ErrorCode::kNotFound},
    {"NoSuchBucketPolicy", ErrorCode::kNotFound},
    {"NoSuchLifecycleConfiguration", ErrorCode::kNotFound},
    {"NoSuchPublicAccessBlockConfiguration", ErrorCode::kNotFound},
    {"PreconditionFailed", ErrorCode::kAlreadyExists},
    {"BucketAlreadyExists", ErrorCode::kAlreadyExists},
    {"BucketAlreadyOwnedByYou", ErrorCode::kAlreadyExists},
    {"RestoreAlreadyInProgress", ErrorCode::kAlreadyExists},
    {"InvalidObjectState", ErrorCode::kArchived},
    {"ConditionalRequestConflict", ErrorCode::kUnavailable},
    {"OperationAborted", ErrorCode::kUnavailable},
    {"BadDigest", ErrorCode::kDataLoss},
    {"InvalidDigest", ErrorCode::kDataLoss},
    {"XAmzContentSHA256Mismatch", ErrorCode::kDataLoss},
    {"XAmzContentChecksumMismatch", ErrorCode::kDataLoss},
    {"IncompleteBody", ErrorCode::kUnavailable},
    {"TooManyBuckets", ErrorCode::kResourceExhausted},
    {"QuotaExceeded", ErrorCode::kResourceExhausted},
    {"AllAccessDisabled", ErrorCode::kPermissionDenied},
    {"AccountProblem", ErrorCode::kPermissionDenied},
    {"NotImplemented", ErrorCode::kUnsupported},
    {"MethodNotAllowed", ErrorCode::kUnsupported},
    // SNS and SQS
    {"NotFound", ErrorCode::kNotFound},
    {"QueueDoesNotExist", ErrorCode::kNotFound},
    {"AWS.SimpleQueueService.NonExistentQueue", ErrorCode::kNotFound},
    {"ResourceNotFoundException", ErrorCode::kNotFound},
    {"QueueNameExists", ErrorCode::kAlreadyExists},
    {"QueueAlreadyExists", ErrorCode::kAlreadyExists},
    {"QueueDeletedRecently", ErrorCode::kUnavailable},
    {"AWS.SimpleQueueService.QueueDeletedRecently", ErrorCode::kUnavailable},
    {"OverLimit", ErrorCode::kResourceExhausted},
    {"TopicLimitExceeded", ErrorCode::kResourceExhausted},
    {"SubscriptionLimitExceeded", ErrorCode::kResourceExhausted},
    {"AuthorizationError", ErrorCode::kPermissionDenied},
    {"EndpointDisabled", ErrorCode::kPermissionDenied},
    // who we are
    {"AccessDenied", ErrorCode::kPermissionDenied},
    {"AccessDeniedException", ErrorCode::kPermissionDenied},
    {"UnauthorizedOperation", ErrorCode::kPermissionDenied},
    {"KMS.AccessDeniedException", ErrorCode::kPermissionDenied},
    {"OptInRequired", ErrorCode::kPermissionDenied},
    {"InvalidAccessKeyId", ErrorCode::kUnauthenticated},
    {"InvalidClientTokenId", ErrorCode::kUnauthenticated},
    {"UnrecognizedClientException", ErrorCode::kUnauthenticated},
    {"SignatureDoesNotMatch", ErrorCode::kUnauthenticated},
    {"InvalidSignatureException", ErrorCode::kUnauthenticated},
    {"IncompleteSignature", ErrorCode::kUnauthenticated},
    {"MissingAuthenticationToken", ErrorCode::kUnauthenticated},
    {"MissingAuthenticationTokenException", ErrorCode::kUnauthenticated},
    {"AuthFailure", ErrorCode::kUnauthenticated},
    {"ExpiredToken", ErrorCode::kUnauthenticated},
    {"ExpiredTokenException", ErrorCode::kUnauthenticated},
    {"TokenRefreshRequired", ErrorCode::kUnauthenticated},
    {"InvalidToken", ErrorCode::kUnauthenticated},
    {"XAdminUserNotFound", ErrorCode::kUnauthenticated},  // versitygw's InvalidAccessKeyId, a 404
    {"RequestTimeTooSkewed", ErrorCode::kUnauthenticated},
    {"RequestExpired", ErrorCode::kUnauthenticated},
    // passing faults
    // "An error occurred when parsing the HTTP request": what came before it on a kept connection was in its way.
    {"BadRequest", ErrorCode::kUnavailable},
    {"InternalError", ErrorCode::kUnavailable},
    {"InternalFailure", ErrorCode::kUnavailable},
    {"InternalServerError", ErrorCode::kUnavailable},
    {"ServiceUnavailable", ErrorCode::kUnavailable},
    {"RequestTimeout", ErrorCode::kUnavailable},
    {"RequestTimeoutException", ErrorCode::kUnavailable},
    {"SlowDown", ErrorCode::kUnavailable},
    {"Throttling", ErrorCode::kUnavailable},
    {"ThrottlingException", ErrorCode::kUnavailable},
    {"Throttled", ErrorCode::kUnavailable},
    {"ThrottledException", ErrorCode::kUnavailable},
    {"RequestThrottled", ErrorCode::kUnavailable},
    {"RequestThrottledException", ErrorCode::kUnavailable},
    {"TooManyRequestsException", ErrorCode::kUnavailable},
    {"RequestLimitExceeded", ErrorCode::kUnavailable},
    {"BandwidthLimitExceeded", ErrorCode::kUnavailable},
    {"PriorRequestNotComplete", ErrorCode::kUnavailable},
    {"ProvisionedThroughputExceededException", ErrorCode::kUnavailable},
    {"KMS.ThrottlingException", ErrorCode::kUnavailable},
    {"KMSThrottling", ErrorCode::kUnavailable},
});

// "Error retries" of AWS's SDK reference guide: these ask for fewer requests.
constexpr std::array<std::string_view, 14> kThrottles = {"SlowDown",
                                                         "Throttling",
                                                         "ThrottlingException",
                                                         "Throttled",
                                                         "ThrottledException",
                                                         "RequestThrottled",
                                                         "RequestThrottledException",
                                                         "TooManyRequestsException",
                                                         "KMSThrottling",
                                                         "RequestLimitExceeded",
                                                         "BandwidthLimitExceeded",
                                                         "PriorRequestNotComplete",
                                                         "KMS.ThrottlingException",
                                                         "ProvisionedThroughputExceededException"};

constexpr std::array<std::string_view, 7> kRefusedCredentials = {
    "ExpiredToken",         "ExpiredTokenException",       "TokenRefreshRequired", "InvalidAccessKeyId",
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken"};

bool IsOneOf(std::span<const std::string_view> codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

ErrorCode CodeOfStatus(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
    case 410:
      return ErrorCode::kNotFound;
    case 405:
    case 501:
      return ErrorCode::kUnsupported;
    case 408:
    case 429:
      return ErrorCode::kUnavailable;
    case 412:
      return ErrorCode::kAlreadyExists;
    case 507:
      return ErrorCode::kResourceExhausted;
    default:
      return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument;
  }
}

}  // namespace

ErrorCode CodeOf(const AwsError& error) {
  const auto* const rule = std::ranges::find(kRules, error.code, &CodeRule::code);
  return rule != kRules.end() ? rule->meaning : CodeOfStatus(error.status);
}

bool IsRefusedCredentials(const AwsError& error) { return IsOneOf(kRefusedCredentials, error.code); }

Error ToError(const AwsError& error, const CallContext& context) {
  std::string text = Advice(error, context);
  text += fmt::format(" ({}", error.code);
  if (!error.message.empty() && error.message != error.code) text += fmt::format(": {}", error.message);
  if (!error.request_id.empty()) text += fmt::format("; request {}", error.request_id);
  return {CodeOf(error), text + ")"};
}

Result<http::Response> Checked(http::Outcome outcome, const CallContext& context) {
  if (!outcome.response) return std::unexpected(std::move(outcome.response).error());
  http::Response& response = *outcome.response;
  if (response.status >= 200 && response.status < 300) return std::move(outcome.response);
  Error error = ToError(ParseAwsError(response), context);
  if (const auto seconds = response.headers.Find("retry-after"))
    error.retry_after = http::ParseRetryAfter(*seconds, Timestamp{});
  return std::unexpected(std::move(error));
}

http::Verdict Judge(const http::Outcome& outcome) {
  using http::Verdict;
  if (!outcome.response || outcome.response->status < 300) return http::JudgeByStatus(outcome);
  const Verdict by_status = http::JudgeByStatus(outcome);
  if (by_status == Verdict::kThrottled) return by_status;
  const AwsError error = ParseAwsError(*outcome.response);
  if (IsOneOf(kThrottles, error.code)) return Verdict::kThrottled;
  if (by_status == Verdict::kAgain) return by_status;
  // It may change by itself, but only the caller knows what a repeated write means then.
  if (error.code == "ConditionalRequestConflict") return Verdict::kFinal;
  return CodeOf(error) == ErrorCode::kUnavailable ? Verdict::kAgain : Verdict::kFinal;
}

}  // namespace seshat::aws
