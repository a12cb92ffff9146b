#include "provisioning/bucket_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <pugixml.hpp>

#include "core/base/bytes.h"
#include "core/digest/crc64nvme.h"
#include "platform/aws/error.h"

namespace seshat::provisioning {
namespace {

using sns_sqs::ServiceError;

constexpr std::string_view kTransitionMinimum = "x-amz-transition-default-minimum-object-size";
constexpr std::string_view kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";
// The region whose name CreateBucket must not be told.
constexpr std::string_view kFirstRegion = "us-east-1";

// "Nothing is set", in S3's many ways of saying so.
constexpr std::array<std::string_view, 5> kNotSet{
    "NoSuchBucketPolicy", "NoSuchLifecycleConfiguration", "ServerSideEncryptionConfigurationNotFoundError",
    "OwnershipControlsNotFoundError", "NoSuchPublicAccessBlockConfiguration"};
// What services that only speak like S3 say of what they have not got.
constexpr std::array<std::string_view, 4> kNoSuchThing{"NotImplemented", "MethodNotAllowed", "XNotImplemented", "501"};

// The text of the first element called `name`, wherever it is.
std::string TextOf(const std::string& xml, std::string_view name) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return "";
  const auto node = document.find_node([&](const pugi::xml_node& n) {
    const std::string_view full = n.name();
    return full == name || full.ends_with(":" + std::string(name));
  });
  return node.text().get();
}

bool IsTrue(const std::string& xml, std::string_view name) {
  const std::string text = TextOf(xml, name);
  return text == "true" || text == "TRUE" || text == "True";
}

}  // namespace

BucketSetup::Reply BucketSetup::Send(std::string_view method, std::string_view query, std::string_view permission,
                                     std::string body, const http::HeaderList& headers) {
  http::Request request;
  request.method = method;
  request.origin = endpoint_.origin;
  request.path = endpoint_.PathOf("");
  request.query = query;
  request.headers = headers;
  if (!body.empty()) {
    request.headers.emplace_back("content-type", "application/xml");
    request.headers.emplace_back("x-amz-sdk-checksum-algorithm", "CRC64NVME");
    request.headers.emplace_back("x-amz-checksum-crc64nvme", digest::Crc64NvmeBase64(digest::Crc64Nvme(AsBytes(body))));
  }
  request.body = http::Body::Of(std::move(body));
  request.timeouts.total = std::chrono::seconds(120);
  request.operation = permission;
  http::Outcome outcome = sender_.Send(std::move(request));
  if (!outcome.response) return std::unexpected(ServiceError{.error = std::move(outcome.response).error()});
  if (outcome.response->status >= 200 && outcome.response->status < 300) return *std::move(outcome.response);
  aws::AwsError refused = aws::ParseAwsError(*outcome.response);
  const std::string resource = fmt::format("the bucket {}", wants_.bucket);
  Error error = aws::ToError(refused, {.action = permission, .resource = resource, .region = wants_.region});
  return std::unexpected(ServiceError{std::move(error), std::move(refused.code), std::move(refused.message)});
}

Result<bool> BucketSetup::Exists() {
  auto reply = Send("HEAD", "", "s3:ListBucket");
  if (reply) return true;
  ServiceError& refused = reply.error();
  if (refused.code == "NoSuchBucket" || refused.code == "404" || refused.error.code == ErrorCode::kNotFound)
    return false;
  if (refused.error.code == ErrorCode::kPermissionDenied)
    refused.error.message += "; or the bucket belongs to somebody else: choose another name then";
  return std::unexpected(std::move(refused.error));
}

Result<std::string> BucketSetup::Read(std::string_view query, std::string_view permission, std::string_view what,
                                      BucketActual& actual, std::string* transition_minimum) {
  auto reply = Send("GET", query, permission);
  if (reply) {
    if (transition_minimum != nullptr) *transition_minimum = reply->headers.Get(kTransitionMinimum);
    return std::move(reply->body);
  }
  if (std::ranges::find(kNotSet, reply.error().code) != kNotSet.end()) return std::string();
  if (std::ranges::find(kNoSuchThing, reply.error().code) != kNoSuchThing.end() ||
      reply.error().error.code == ErrorCode::kUnsupported) {
    actual.unsupported.emplace_back(what);
    return std::string();
  }
  return std::unexpected(std::move(reply).error().error);
}

Result<BucketActual> BucketSetup::Look() {
  BucketActual actual;
  SESHAT_ASSIGN(actual.exists, Exists());
  if (!actual.exists) return actual;
  SESHAT_ASSIGN(std::string text, Read("ownershipControls=", "s3:GetBucketOwnershipControls", "ownership", actual));
  actual.ownership = TextOf(text, "ObjectOwnership");
  SESHAT_ASSIGN(text, Read("publicAccessBlock=", "s3:GetBucketPublicAccessBlock", "public access", actual));
  actual.public_blocked = IsTrue(text, "BlockPublicAcls") && IsTrue(text, "IgnorePublicAcls") &&
                          IsTrue(text, "BlockPublicPolicy") && IsTrue(text, "RestrictPublicBuckets");
  SESHAT_ASSIGN(text, Read("versioning=", "s3:GetBucketVersioning", "versioning", actual));
  actual.versioning = TextOf(text, "Status");
  SESHAT_ASSIGN(text, Read("encryption=", "s3:GetEncryptionConfiguration", "encryption", actual));
  actual.encryption = TextOf(text, "SSEAlgorithm");
  SESHAT_ASSIGN(text,
                Read("lifecycle=", "s3:GetLifecycleConfiguration", "lifecycle", actual, &actual.transition_minimum));
  if (!text.empty()) {
    SESHAT_ASSIGN(actual.lifecycle, ReadLifecycle(text));
  }
  SESHAT_ASSIGN(actual.policy, Read("policy=", "s3:GetBucketPolicy", "policy", actual));
  return actual;
}

Status BucketSetup::Write(std::string_view query, std::string_view permission, std::string body,
                          const http::HeaderList& headers) {
  auto reply = Send("PUT", query, permission, std::move(body), headers);
  if (!reply) return std::unexpected(std::move(reply).error().error);
  return {};
}

Status BucketSetup::Create() {
  std::string body;
  if (wants_.region != kFirstRegion)
    body = fmt::format(
        "<CreateBucketConfiguration xmlns=\"{}\"><LocationConstraint>{}</LocationConstraint>"
        "</CreateBucketConfiguration>",
        kNamespace, wants_.region);
  auto made = Send("PUT", "", "s3:CreateBucket", std::move(body));
  if (made) return {};
  if (made.error().code == "BucketAlreadyOwnedByYou") return {};  // somebody was faster
  if (made.error().code == "BucketAlreadyExists")
    return Fail(ErrorCode::kAlreadyExists,
                fmt::format("a bucket called {} belongs to somebody else: choose another name", wants_.bucket));
  return std::unexpected(std::move(made).error().error);
}

Status BucketSetup::Apply(const BucketPlan& plan) {
  if (plan.create) SESHAT_TRY(Create());
  if (plan.own)
    SESHAT_TRY(Write("ownershipControls=", "s3:PutBucketOwnershipControls",
                     fmt::format("<OwnershipControls xmlns=\"{}\"><Rule><ObjectOwnership>BucketOwnerEnforced"
                                 "</ObjectOwnership></Rule></OwnershipControls>",
                                 kNamespace)));
  if (plan.block_public)
    SESHAT_TRY(Write("publicAccessBlock=", "s3:PutBucketPublicAccessBlock",
                     fmt::format("<PublicAccessBlockConfiguration xmlns=\"{}\">"
                                 "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
                                 "<BlockPublicPolicy>true</BlockPublicPolicy>"
                                 "<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
                                 kNamespace)));
  if (plan.version)
    SESHAT_TRY(Write("versioning=", "s3:PutBucketVersioning",
                     fmt::format("<VersioningConfiguration xmlns=\"{}\"><Status>Enabled</Status>"
                                 "</VersioningConfiguration>",
                                 kNamespace)));
  if (plan.encrypt) {
    const std::string key =
        wants_.kms && !wants_.kms_key.empty() ? fmt::format("<KMSMasterKeyID>{}</KMSMasterKeyID>", wants_.kms_key) : "";
    SESHAT_TRY(Write("encryption=", "s3:PutEncryptionConfiguration",
                     fmt::format("<ServerSideEncryptionConfiguration xmlns=\"{}\"><Rule>"
                                 "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>{}</SSEAlgorithm>{}"
                                 "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>{}</BucketKeyEnabled></Rule>"
                                 "</ServerSideEncryptionConfiguration>",
                                 kNamespace, wants_.kms ? "aws:kms" : "AES256", key, wants_.kms)));
  }
  if (plan.lifecycle) {
    http::HeaderList headers;
    if (!plan.transition_minimum.empty()) headers.emplace_back(kTransitionMinimum, plan.transition_minimum);
    SESHAT_TRY(Write("lifecycle=", "s3:PutLifecycleConfiguration", LifecycleText(*plan.lifecycle), headers));
  }
  if (plan.policy) SESHAT_TRY(Write("policy=", "s3:PutBucketPolicy", *plan.policy));
  return {};
}

}  // namespace seshat::provisioning
