#include "cli/aws/aws_wants.h"

#include <fmt/format.h>

#include <algorithm>

#include "composition/composition.h"
#include "composition/config/units.h"
#include "core/base/utf8.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::cli {
namespace {

constexpr std::string_view kDefaultBusName = "seshat";
constexpr uint64_t kMaxArchiveDays = 36'500;

// The bucket of --bucket or store.url, and the prefix.
Status SetBucket(const Invocation& invocation, const composition::Config& config, provisioning::BucketWants& wants) {
  SESHAT_ASSIGN(const composition::AdapterUrl url, composition::ParseAdapterUrl(config.Text("store.url")));
  if (url.scheme == "s3") {
    const size_t slash = std::min(url.rest.find('/'), url.rest.size());
    wants.bucket = url.rest.substr(0, slash);
    wants.prefix = url.rest.substr(std::min(slash + 1, url.rest.size()));
    while (wants.prefix.ends_with('/')) wants.prefix.pop_back();
  }
  if (invocation.Has("--bucket")) {
    wants.bucket = invocation.Value("--bucket");
    if (wants.bucket.starts_with("s3://")) wants.bucket = wants.bucket.substr(5);
  }
  if (!wants.bucket.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "which bucket? Say --bucket NAME, or set store.url = \"s3://NAME\"; names are unique in all of AWS");
}

// From bus.url and --bus; the account, where they do not say it, is the one that these credentials belong to.
Result<sns_sqs::BusNames> NamesOf(const Invocation& invocation, const composition::Config& config,
                                  composition::AwsAccess& aws) {
  SESHAT_ASSIGN(const composition::AdapterUrl url, composition::ParseAdapterUrl(config.Text("bus.url")));
  std::string account;
  std::string name(kDefaultBusName);
  if (url.scheme == "sns-sqs") {
    SESHAT_ASSIGN(const sns_sqs::BusNames names, sns_sqs::ParseBusNames(url.rest, aws.region()));
    account = names.account;
    name = names.name;
  }
  if (invocation.Has("--bus")) name = invocation.Value("--bus");
  const bool must_ask = account.empty() || (aws.at_aws("sts") && !invocation.Has("--print-policy"));
  if (must_ask) {
    SESHAT_ASSIGN(const aws::Sts::Identity identity, aws.CallerIdentity({}));
    if (!account.empty() && account != identity.account)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("bus.url names the account {}, but these credentials ({}) belong to {}: correct one of "
                              "them",
                              account, EscapeForTerminal(identity.arn), EscapeForTerminal(identity.account)));
    account = identity.account;
  }
  return sns_sqs::ParseBusNames(fmt::format("{}/{}", account, name), aws.region());
}

// Every subscription there can be, also those of roles that this machine does not play.
std::vector<SubscriptionSpec> SubscriptionsOf(const composition::Config& config) {
  std::vector<SubscriptionSpec> specs{indexing::IndexingSubscription()};
  const auto processors = composition::ProcessorsOf(config);
  for (SubscriptionSpec& spec : processing::ProcessingSubscriptions(
           processors ? std::span(*processors) : std::span<const processing::ProcessorSpec>()))
    specs.push_back(std::move(spec));
  return specs;
}

// Policies name keys by their ARN. What is an alias can only be allowed as "any key of this account".
std::string KeyArn(const provisioning::Wants& wants) {
  const std::string& key = wants.bucket.kms_key;
  if (!wants.bucket.kms || key.empty() || key.starts_with("arn:")) return wants.bucket.kms ? key : "";
  const bool is_alias = key.starts_with("alias/");
  return aws::Arn("kms", wants.names.region, wants.names.account, is_alias ? "key/*" : "key/" + key);
}

}  // namespace

Result<provisioning::Wants> WantsOf(const Invocation& invocation, const composition::Config& config,
                                    composition::AwsAccess& aws) {
  provisioning::Wants wants;
  provisioning::BucketWants& bucket = wants.bucket;
  SESHAT_TRY(SetBucket(invocation, config, bucket));
  bucket.region = aws.region();
  bucket.partition = aws::PartitionOf(aws.region()).id;
  bucket.kms = config.Text("store.sse") == "kms";
  bucket.kms_key = config.Text("store.kms_key");
  bucket.policy = aws.at_aws("s3");
  SESHAT_ASSIGN(const uint64_t days, invocation.Number("--archive-after", bucket.archive_after_days));
  if (days < 1 || days > kMaxArchiveDays)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("--archive-after is 1 to {} days", kMaxArchiveDays));
  bucket.archive_after_days = static_cast<uint32_t>(days);
  bucket.archive_above_bytes = records::ArchiveBorderBytes(PriceTable());
  if (invocation.Has("--archive-above")) {
    SESHAT_ASSIGN(bucket.archive_above_bytes, composition::ParseSize(invocation.Value("--archive-above")));
  }
  SESHAT_ASSIGN(wants.names, NamesOf(invocation, config, aws));
  wants.subscriptions = SubscriptionsOf(config);
  return wants;
}

std::string PolicyOf(provisioning::Role role, const provisioning::Wants& wants) {
  provisioning::PolicySubjects subjects{
      .names = wants.names, .bucket = wants.bucket.bucket, .prefix = wants.bucket.prefix, .kms_key = KeyArn(wants)};
  for (const SubscriptionSpec& spec : wants.subscriptions) subjects.subscriptions.push_back(spec.name);
  return provisioning::RolePolicy(role, subjects);
}

}  // namespace seshat::cli
