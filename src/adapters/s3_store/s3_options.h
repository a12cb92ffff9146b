// How a store in a bucket works; what the parts of the adapter are given.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "platform/aws/endpoint.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

struct S3StoreOptions {
  std::string bucket;
  aws::BucketEndpoint endpoint;  // aws::ResolveBucket
  std::string prefix;            // keys lie under "<prefix>/"; empty: at the top
  BlobAccess access = BlobAccess::kReadWrite;

  enum class Encryption { kBucketDefault, kAes256, kKms };
  Encryption encryption = Encryption::kBucketDefault;
  std::string kms_key;  // empty with kKms: the account's default key

  // What the service behind can do. Amazon's, unless said otherwise.
  BlobStore::Capabilities capabilities{.storage_classes = true,
                                       .archive = true,
                                       .attributes = true,
                                       .nested_keys = true,
                                       .max_object_bytes = 10'000 * (5ULL << 30)};

  uint64_t part_bytes = 8 << 20;        // larger where the object would need more than 10,000 parts
  uint64_t single_put_bytes = 8 << 20;  // at most 5 GB (S3's limit); the body is held in memory
  uint64_t buffer_bytes = 40 << 20;
  size_t max_in_flight = 256;
  std::chrono::milliseconds pause{200};  // before an unclear answer is looked into again; doubles each time
};

}  // namespace seshat::s3_store
