#include "platform/aws/endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "platform/aws/sigv4.h"

namespace seshat::aws {
namespace {

struct PartitionRule {
  std::string_view region_prefix;
  Partition partition;
};

// botocore's partitions.json, release 1.29.27, and the two that came later. The first match counts.
constexpr std::array<PartitionRule, 8> kPartitions = {{
    {"cn-", {"aws-cn", "amazonaws.com.cn"}},
    {"us-gov-", {"aws-us-gov", "amazonaws.com"}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov"}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov"}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk"}},
    {"eusc-", {"aws-eusc", "amazonaws.eu"}},
    {"", {"aws", "amazonaws.com"}},
}};

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Status CheckRegion(std::string_view region) {
  if (region.empty())
    return Fail(ErrorCode::kInvalidArgument,
                "no AWS region is known: set aws.region (like \"eu-central-1\") or AWS_REGION");
  // It becomes part of a host name.
  const bool plain =
      region.size() <= 40 && std::ranges::all_of(region, [](char c) { return IsLowerOrDigit(c) || c == '-'; });
  if (plain) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no AWS region (like eu-central-1)", region.substr(0, 64)));
}

std::string_view OverrideOf(std::string_view service, const EndpointOptions& options) {
  const std::array<std::pair<std::string_view, std::string_view>, 4> own = {{{"s3", options.endpoint_s3},
                                                                             {"sns", options.endpoint_sns},
                                                                             {"sqs", options.endpoint_sqs},
                                                                             {"sts", options.endpoint_sts}}};
  for (const auto& [name, endpoint] : own)
    if (name == service && !endpoint.empty()) return endpoint;
  return options.endpoint;
}

Result<http::Url> ParseOverride(std::string_view service, std::string_view text) {
  auto url = http::ParseUrl(text);
  if (!url) return std::unexpected(std::move(url).error().WithContext(fmt::format("the {} endpoint", service)));
  if (!url->query.empty())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("the {} endpoint '{}' has a query", service, text));
  return url;
}

Status CheckBucket(std::string_view bucket) {
  const bool edges = !bucket.empty() && IsLowerOrDigit(bucket.front()) && IsLowerOrDigit(bucket.back());
  const bool plain = std::ranges::all_of(bucket, [](char c) { return IsLowerOrDigit(c) || c == '-' || c == '.'; });
  if (edges && plain && bucket.size() >= 3 && bucket.size() <= 63 && bucket.find("..") == std::string_view::npos)
    return {};
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is no bucket name: 3 to 63 of a-z, 0-9, '-' and '.', with a letter or digit at each end",
                  bucket.substr(0, 64)));
}

// Without the '/' at the end.
std::string BasePath(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

Partition PartitionOf(std::string_view region) {
  for (const PartitionRule& rule : kPartitions)
    if (region.starts_with(rule.region_prefix)) return rule.partition;
  return kPartitions.back().partition;
}

std::string Arn(std::string_view service, std::string_view region, std::string_view account,
                std::string_view resource) {
  return fmt::format("arn:{}:{}:{}:{}:{}", PartitionOf(region).id, service, region, account, resource);
}

Result<http::Url> ServiceEndpoint(std::string_view service, const EndpointOptions& options) {
  SESHAT_TRY(CheckRegion(options.region));
  if (const auto own = OverrideOf(service, options); !own.empty()) return ParseOverride(service, own);
  http::Url url;
  url.origin.host = fmt::format("{}.{}.{}", service, options.region, PartitionOf(options.region).dns_suffix);
  return url;
}

Result<BucketEndpoint> ResolveBucket(std::string_view bucket, const EndpointOptions& options) {
  SESHAT_TRY(CheckBucket(bucket));
  SESHAT_ASSIGN(auto url, ServiceEndpoint("s3", options));
  const bool own = !OverrideOf("s3", options).empty();
  // AWS's certificates are for *.s3.region.amazonaws.com: one label.
  const bool fits = !own && bucket.find('.') == std::string_view::npos;
  BucketEndpoint out{url.origin, BasePath(url.path)};
  if (options.addressing == Addressing::kVirtual || (options.addressing == Addressing::kAuto && fits)) {
    out.origin.host = fmt::format("{}.{}", bucket, out.origin.host);
  } else {
    out.path += fmt::format("/{}", bucket);
  }
  return out;
}

std::string BucketEndpoint::PathOf(std::string_view key) const {
  if (key.empty()) return path.empty() ? "/" : path;
  return path + "/" + EncodeS3Path(key);
}

}  // namespace seshat::aws
