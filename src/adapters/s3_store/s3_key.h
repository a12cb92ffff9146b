// Keys as the bucket has them: the store's prefix, then the blob key's own bytes. Blob keys already keep to what S3 and
// its listings can hold (core/records/blob_key.h); on the wire they are percent-encoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/blob_key.h"

namespace seshat::s3_store {

class KeySpace {
 public:
  // `prefix` is empty, or a key of its own; "lab/a" puts "x" under "lab/a/x". kInvalidArgument for what is no key.
  static Result<KeySpace> Make(std::string_view prefix);

  const std::string& prefix() const { return prefix_; }  // with its '/' at the end, or empty

  // kInvalidArgument where prefix and key pass 1,024 bytes together (S3's limit).
  Result<std::string> InBucket(const BlobKey& key) const;
  std::string InBucket(std::string_view text) const { return prefix_ + std::string(text); }
  // Nothing for what does not lie under the prefix.
  std::optional<std::string> FromBucket(std::string_view in_bucket) const;

 private:
  std::string prefix_;
};

// The longest beginning of `text` that is valid UTF-8: all that may be sent to S3 of an arbitrary prefix.
std::string_view ValidBeginning(std::string_view text);

// A text that sorts behind every key of the folder ("a/b/") that a listing may hold.
std::string BehindFolder(std::string_view folder);

}  // namespace seshat::s3_store
