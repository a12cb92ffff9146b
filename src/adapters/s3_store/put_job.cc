#include "adapters/s3_store/put_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/s3_store/object_info.h"
#include "core/digest/crc64nvme.h"

namespace seshat::s3_store {

std::string PutJob::Doing(std::string_view what) const { return fmt::format("{} {}", what, resource_); }

void PutJob::Pause(int times) {
  wake_at = context_.flow.now() + context_.options.pause * (1 << std::clamp(times - 1, 0, 6));
}

PutOutcome PutJob::Stored(const Sha256& sha256, uint64_t crc) const {
  return {
      .sha256 = sha256,
      .size = size_,
      .storage_class = context_.options.capabilities.storage_classes ? request_.storage_class : StorageClass::kStandard,
      .checksum = ChecksumText(digest::Crc64NvmeBase64(crc))};
}

std::optional<bool> PutJob::IsOurs(const http::Response& head, uint64_t crc) const {
  const auto info = InfoFromHeaders(key_, head.headers);
  if (!info || info->checksum.empty()) return std::nullopt;
  return info->size == size_ && info->checksum == ChecksumText(digest::Crc64NvmeBase64(crc));
}

}  // namespace seshat::s3_store
