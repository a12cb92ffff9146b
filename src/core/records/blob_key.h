// Keys of the blob store, and how a file's path becomes part of one.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace seshat::records {

// 1–1,024 bytes of UTF-8 (S3's limit), segments separated by '/'. No segment is empty, "." or ".."; no
// control character, no U+FFFE or U+FFFF (an S3 listing is XML 1.0, which cannot hold them). Ordered by
// bytes, as S3 lists.
class BlobKey {
 public:
  static constexpr size_t kMaxBytes = 1024;

  static Result<BlobKey> Parse(std::string_view text);  // kInvalidArgument with the reason

  const std::string& value() const { return value_; }
  auto operator<=>(const BlobKey&) const = default;

 private:
  explicit BlobKey(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

// A relative path's bytes as key text: '%', control characters, DEL, invalid UTF-8, U+FFFE and U+FFFF become
// %XX (upper case); all else, '/' included, stays. DecodePath(EncodePath(p)) == p for every p.
std::string EncodePath(std::string_view path);
// kInvalidArgument on a '%' without two digits behind it.
Result<std::string> DecodePath(std::string_view text);

}  // namespace seshat::records

namespace seshat {
using records::BlobKey;
}  // namespace seshat
