#include "adapters/s3_store/object_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/text_parts.h"
#include "core/digest/crc64nvme.h"
#include "platform/http/date.h"

namespace seshat::s3_store {
namespace {

constexpr std::string_view kAttributePrefix = "x-amz-meta-";

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return lower;
}

// The size of the whole object: behind the '/' of Content-Range ("bytes 0-9/1234"), or Content-Length.
std::optional<uint64_t> WholeSize(const http::Headers& headers) {
  if (const auto range = headers.Find("content-range")) {
    const size_t slash = range->find('/');
    return slash == std::string_view::npos ? std::nullopt : ParseInteger<uint64_t>(range->substr(slash + 1));
  }
  return ParseInteger<uint64_t>(headers.Get("content-length"));
}

}  // namespace

StorageClass ClassFromS3(std::string_view name) {
  if (name == "GLACIER") return StorageClass::kDeepArchive;
  return records::ParseStorageClass(name).value_or(StorageClass::kStandard);
}

ColdState ColdStateFrom(std::string_view name, std::string_view restore) {
  if (ClassFromS3(name) != StorageClass::kDeepArchive) return {};
  if (restore.find("ongoing-request=\"true\"") != std::string_view::npos) return {ArchiveState::kRestoring, {}};
  if (restore.find("ongoing-request=\"false\"") == std::string_view::npos) return {ArchiveState::kArchived, {}};
  constexpr std::string_view kExpiry = "expiry-date=\"";
  const size_t begin = restore.find(kExpiry);
  if (begin == std::string_view::npos) return {ArchiveState::kRestored, {}};
  const std::string_view date = restore.substr(begin + kExpiry.size());
  return {ArchiveState::kRestored, http::ParseHttpDate(date.substr(0, date.find('"')))};
}

Result<BlobInfo> InfoFromHeaders(std::string key, const http::Headers& headers) {
  BlobInfo info{.key = std::move(key)};
  const auto size = WholeSize(headers);
  const auto modified = http::ParseHttpDate(headers.Get("last-modified"));
  if (!size || !modified)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("the server's answer about '{}' lacks its size or its date", info.key));
  info.size = *size;
  info.modified_at = *modified;
  const std::string_view name = headers.Get("x-amz-storage-class");
  info.storage_class = ClassFromS3(name);
  const ColdState cold = ColdStateFrom(name, headers.Get("x-amz-restore"));
  info.archive_state = cold.state;
  info.restored_until = cold.restored_until;
  // moto answers with a checksum of another kind under this name.
  const std::string_view crc = headers.Get("x-amz-checksum-crc64nvme");
  if (digest::ParseCrc64Nvme(crc)) info.checksum = ChecksumText(crc);
  for (size_t i = 0; i < headers.size(); ++i) {
    const auto [name_sent, value] = headers.At(i);
    std::string lower = Lower(name_sent);
    if (lower.starts_with(kAttributePrefix)) info.attributes.emplace_back(lower.substr(kAttributePrefix.size()), value);
  }
  return info;
}

std::string ChecksumText(std::string_view base64) {
  return base64.empty() ? std::string() : fmt::format("crc64nvme:{}", base64);
}

}  // namespace seshat::s3_store
