#include "platform/aws/error_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace seshat::aws {
namespace {

bool IsOneOf(std::initializer_list<std::string_view> codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

std::string On(const CallContext& context) {
  return context.resource.empty() ? std::string() : fmt::format(" on {}", context.resource);
}

bool IsWrongRegion(const AwsError& error, const CallContext& context) {
  if (IsOneOf({"PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException"}, error.code) ||
      error.status == 301 || error.status == 307)
    return true;
  // Some servers name the region in words only.
  if (error.code == "AuthorizationHeaderMalformed" && error.message.find("region") != std::string::npos) return true;
  // Also the answer to a signature for another region, and to a HEAD, which has no code.
  return !error.region.empty() && !context.region.empty() && error.region != context.region &&
         (error.status == 400 || error.code == "AuthorizationHeaderMalformed");
}

std::string RegionAdvice(const AwsError& error, const CallContext& context) {
  const std::string what = context.resource.empty() ? "this bucket" : std::string(context.resource);
  if (error.region.empty())
    return fmt::format("{} is in another region than the one that was asked: set aws.region to the bucket's", what);
  const std::string asked = context.region.empty() ? "" : fmt::format(", not in {}", context.region);
  return fmt::format("{} is in the region {}{}: set aws.region = \"{}\"", what, error.region, asked, error.region);
}

std::string PermissionAdvice(const AwsError& error, const CallContext& context) {
  if (error.code.starts_with("KMS."))
    return fmt::format("not allowed to use the KMS key{}: allow kms:GenerateDataKey and kms:Decrypt on it",
                       On(context));
  if (context.action.empty()) return fmt::format("not allowed{}: the role or user lacks a permission", On(context));
  return fmt::format("not allowed{}: give this role or user the permission {}", On(context), context.action);
}

std::string IdentityAdvice(const AwsError& error) {
  if (IsOneOf({"InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", "XAdminUserNotFound"},
              error.code))
    return "the server does not know this access key: check AWS_ACCESS_KEY_ID or the profile, and that the key was not "
           "deleted";
  if (IsOneOf({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken"}, error.code))
    return "the credentials have expired and their source gave no new ones: sign in again or renew them";
  if (IsOneOf({"RequestTimeTooSkewed", "RequestExpired"}, error.code) ||
      error.message.find("expired") != std::string::npos)
    return "this machine's clock and the server's are too far apart: set the clock (timedatectl set-ntp true)";
  if (IsOneOf({"SignatureDoesNotMatch", "InvalidSignatureException"}, error.code))
    return "the server found another signature: the secret key does not belong to the access key, or a proxy changes "
           "requests on the way";
  return "the server does not accept these credentials: check the access key and its secret";
}

std::string MissingAdvice(const AwsError& error, const CallContext& context) {
  const std::string what = context.resource.empty() ? "it" : std::string(context.resource);
  if (error.code == "NoSuchBucket")
    return fmt::format("there is no such bucket ({}): check store.url, or make it with 'seshat aws init'", what);
  if (IsOneOf({"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}, error.code))
    return fmt::format("there is no such queue ({}): check bus.url, or make it with 'seshat aws init'", what);
  if (error.code == "NotFound" && context.action.starts_with("sns:"))
    return fmt::format("there is no such topic ({}): check bus.url, or make it with 'seshat aws init'", what);
  return context.resource.empty() ? std::string("not found") : fmt::format("there is no {}", what);
}

}  // namespace

std::string Advice(const AwsError& error, const CallContext& context) {
  if (IsWrongRegion(error, context)) return RegionAdvice(error, context);
  const std::string on = On(context);
  switch (CodeOf(error)) {
    case ErrorCode::kPermissionDenied:
      return PermissionAdvice(error, context);
    case ErrorCode::kUnauthenticated:
      return IdentityAdvice(error);
    case ErrorCode::kNotFound:
      return MissingAdvice(error, context);
    case ErrorCode::kAlreadyExists:
      return context.resource.empty() ? "it exists already" : fmt::format("{} exists already", context.resource);
    case ErrorCode::kArchived:
      return fmt::format("archived{}: restore it first", on);
    case ErrorCode::kUnavailable:
      return fmt::format("the service cannot take the request{} now: try again later", on);
    case ErrorCode::kDataLoss:
      return fmt::format("what arrived{} is not what was sent: the checksums differ", on);
    case ErrorCode::kResourceExhausted:
      return fmt::format("a quota is used up{}: have it raised, or remove something", on);
    case ErrorCode::kUnsupported:
      return fmt::format("the server cannot do this{}", on);
    default:
      return fmt::format("the server refuses the request{}", on);
  }
}

}  // namespace seshat::aws
