#include "adapters/s3_store/s3_key.h"

#include <fmt/format.h>

#include "core/base/utf8.h"

namespace seshat::s3_store {

Result<KeySpace> KeySpace::Make(std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  KeySpace space;
  if (prefix.empty()) return space;
  if (auto key = BlobKey::Parse(prefix); !key)
    return std::unexpected(std::move(key).error().WithContext(fmt::format("the prefix '{}' of the store", prefix)));
  space.prefix_ = fmt::format("{}/", prefix);
  return space;
}

Result<std::string> KeySpace::InBucket(const BlobKey& key) const {
  std::string text = prefix_ + key.value();
  if (text.size() > BlobKey::kMaxBytes)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the key '{}' is {} bytes long under the store's prefix; S3 takes {}", key.value(),
                            text.size(), BlobKey::kMaxBytes));
  return text;
}

std::optional<std::string> KeySpace::FromBucket(std::string_view in_bucket) const {
  if (!in_bucket.starts_with(prefix_)) return std::nullopt;
  return std::string(in_bucket.substr(prefix_.size()));
}

std::string_view ValidBeginning(std::string_view text) {
  size_t valid = 0;
  while (const auto point = DecodeUtf8(text.substr(valid))) valid += point->bytes;
  return text.substr(0, valid);
}

std::string BehindFolder(std::string_view folder) {
  // The last code point there is, twice: a key of a lab does not start with it.
  return std::string(folder) + "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF";
}

}  // namespace seshat::s3_store
