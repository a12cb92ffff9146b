// Where a service is: partitions, regions, overrides, and the two ways to name a bucket.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/http/message.h"

namespace seshat::aws {

enum class Addressing {
  kAuto,     // virtual host at AWS where TLS can cover the bucket's name; path style with an endpoint of one's own
  kPath,     // https://s3.region.amazonaws.com/bucket/key
  kVirtual,  // https://bucket.s3.region.amazonaws.com/key
};

struct EndpointOptions {
  std::string region;  // "eu-central-1"
  // "https://store.lab:9000[/path]": instead of AWS's own, for every service…
  std::string endpoint;
  // …or for one of them; this wins.
  std::string endpoint_s3;
  std::string endpoint_sns;
  std::string endpoint_sqs;
  std::string endpoint_sts;
  Addressing addressing = Addressing::kAuto;
};

struct Partition {
  std::string_view id;          // in ARNs: "aws", "aws-cn", "aws-us-gov", …
  std::string_view dns_suffix;  // "amazonaws.com", "amazonaws.com.cn", …
};
// By the region's first letters; "aws" for what is not known.
Partition PartitionOf(std::string_view region);

// "arn:aws:sns:eu-central-1:123456789012:seshat"
std::string Arn(std::string_view service, std::string_view region, std::string_view account, std::string_view resource);

// For every service but S3's buckets: `service` is the first label of AWS's host name ("sns", "sqs", "sts", "s3").
// kInvalidArgument for a region or an override that cannot be one.
Result<http::Url> ServiceEndpoint(std::string_view service, const EndpointOptions& options);

struct BucketEndpoint {
  http::Origin origin;
  std::string path;  // "" with virtual hosts, "/bucket" otherwise, behind the override's own path if it has one

  // The path of an object's request; `key` as it is, not encoded. An empty key is the bucket itself: "/" or "/bucket".
  std::string PathOf(std::string_view key) const;
};
// kInvalidArgument for a name that no bucket can have (3–63 of a–z 0–9 - ., see "Bucket naming rules", S3 User Guide).
Result<BucketEndpoint> ResolveBucket(std::string_view bucket, const EndpointOptions& options);

}  // namespace seshat::aws
