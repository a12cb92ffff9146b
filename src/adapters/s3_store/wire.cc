#include "adapters/s3_store/wire.h"

#include <fmt/format.h>

#include <utility>

#include "core/digest/crc64nvme.h"
#include "platform/aws/sigv4.h"

namespace seshat::s3_store {
namespace {

constexpr const char* kPayloadHash = "x-amz-content-sha256";
constexpr const char* kChecksum = "x-amz-checksum-crc64nvme";
constexpr const char* kUnsigned = "UNSIGNED-PAYLOAD";

}  // namespace

http::Request Wire::Make(std::string_view method, std::string_view key, std::string_view operation) const {
  http::Request request;
  request.method = method;
  request.origin = options_.endpoint.origin;
  request.path = options_.endpoint.PathOf(key);
  request.operation = operation;
  return request;
}

void Wire::AddPayload(http::Request& request, Payload payload) const {
  request.headers.emplace_back(kChecksum, digest::Crc64NvmeBase64(payload.crc));
  request.headers.emplace_back("x-amz-sdk-checksum-algorithm", "CRC64NVME");
  request.headers.emplace_back(kPayloadHash, payload.sha256 ? payload.sha256->ToHex() : kUnsigned);
  request.body = std::move(payload.body);
}

void Wire::AddText(http::Request& request, std::string text) const {
  request.headers.emplace_back(kPayloadHash, signs_payload() ? Sha256::Of(AsBytes(text)).ToHex() : kUnsigned);
  if (!text.empty()) request.headers.emplace_back("content-type", "application/xml");
  request.body = http::Body::Of(std::move(text));
}

void Wire::AddObjectHeaders(http::Request& request, const PutRequest& put) const {
  request.headers.emplace_back("content-type", "application/octet-stream");
  if (options_.capabilities.storage_classes && put.storage_class != StorageClass::kStandard)
    request.headers.emplace_back("x-amz-storage-class", records::StorageClassName(put.storage_class));
  if (options_.capabilities.attributes)
    for (const auto& [name, value] : put.attributes) request.headers.emplace_back("x-amz-meta-" + name, value);
  switch (options_.encryption) {
    case S3StoreOptions::Encryption::kBucketDefault:
      break;
    case S3StoreOptions::Encryption::kAes256:
      request.headers.emplace_back("x-amz-server-side-encryption", "AES256");
      break;
    case S3StoreOptions::Encryption::kKms:
      request.headers.emplace_back("x-amz-server-side-encryption", "aws:kms");
      if (!options_.kms_key.empty())
        request.headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", options_.kms_key);
      break;
  }
}

http::Request Wire::PutObject(std::string_view key, const PutRequest& put, Payload payload) const {
  http::Request request = Make("PUT", key, "s3:PutObject");
  request.headers.emplace_back("if-none-match", "*");
  AddObjectHeaders(request, put);
  AddPayload(request, std::move(payload));
  return request;
}

http::Request Wire::CreateUpload(std::string_view key, const PutRequest& put) const {
  http::Request request = Make("POST", key, "s3:PutObject");
  request.query = "uploads=";
  AddObjectHeaders(request, put);
  request.headers.emplace_back("x-amz-checksum-algorithm", "CRC64NVME");
  request.headers.emplace_back("x-amz-checksum-type", "FULL_OBJECT");
  AddText(request, "");
  return request;
}

http::Request Wire::UploadPart(std::string_view key, std::string_view upload_id, uint32_t number,
                               Payload payload) const {
  http::Request request = Make("PUT", key, "s3:PutObject");
  request.query = fmt::format("partNumber={}&uploadId={}", number, aws::UriEncode(upload_id));
  AddPayload(request, std::move(payload));
  return request;
}

http::Request Wire::ListParts(std::string_view key, std::string_view upload_id, uint32_t after) const {
  http::Request request = Make("GET", key, "s3:ListMultipartUploadParts");
  const std::string marker = after == 0 ? std::string() : fmt::format("part-number-marker={}&", after);
  request.query = fmt::format("{}uploadId={}", marker, aws::UriEncode(upload_id));
  AddText(request, "");
  return request;
}

http::Request Wire::Complete(std::string_view key, std::string_view upload_id, uint64_t size, uint64_t crc,
                             std::string text) const {
  http::Request request = Make("POST", key, "s3:PutObject");
  request.query = fmt::format("uploadId={}", aws::UriEncode(upload_id));
  request.headers.emplace_back("if-none-match", "*");
  request.headers.emplace_back(kChecksum, digest::Crc64NvmeBase64(crc));
  request.headers.emplace_back("x-amz-checksum-type", "FULL_OBJECT");
  request.headers.emplace_back("x-amz-mp-object-size", fmt::to_string(size));
  AddText(request, std::move(text));
  // Putting 10,000 parts together takes S3 minutes, in which it sends a blank now and then.
  request.timeouts.idle = std::chrono::seconds(300);
  request.timeouts.min_bytes_per_second = 1;
  return request;
}

http::Request Wire::Abort(std::string_view key, std::string_view upload_id) const {
  http::Request request = Make("DELETE", key, "s3:AbortMultipartUpload");
  request.query = fmt::format("uploadId={}", aws::UriEncode(upload_id));
  AddText(request, "");
  return request;
}

http::Request Wire::Head(std::string_view key) const {
  http::Request request = Make("HEAD", key, "s3:GetObject");
  request.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  AddText(request, "");
  return request;
}

http::Request Wire::Get(std::string_view key) const {
  http::Request request = Make("GET", key, "s3:GetObject");
  request.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  AddText(request, "");
  return request;
}

http::Request Wire::Get(std::string_view key, uint64_t first, uint64_t last, std::string_view etag) const {
  http::Request request = Make("GET", key, "s3:GetObject");
  request.headers.emplace_back("range", fmt::format("bytes={}-{}", first, last));
  if (!etag.empty()) request.headers.emplace_back("if-match", etag);
  AddText(request, "");
  return request;
}

http::Request Wire::List(std::string_view prefix, std::string_view start_after, size_t limit, bool fold_folders) const {
  http::Request request = Make("GET", "", "s3:ListBucket");
  std::string query = fold_folders ? "delimiter=%2F&" : "";
  query += fmt::format("encoding-type=url&list-type=2&max-keys={}&prefix={}", limit, aws::UriEncode(prefix));
  if (!start_after.empty()) query += fmt::format("&start-after={}", aws::UriEncode(start_after));
  request.query = std::move(query);
  request.headers.emplace_back("x-amz-optional-object-attributes", "RestoreStatus");
  AddText(request, "");
  return request;
}

http::Request Wire::Restore(std::string_view key, std::string text) const {
  http::Request request = Make("POST", key, "s3:RestoreObject");
  request.query = "restore=";
  // S3 wants a checksum of every XML body that changes something.
  request.headers.emplace_back(kChecksum, digest::Crc64NvmeBase64(digest::Crc64Nvme(AsBytes(text))));
  AddText(request, std::move(text));
  return request;
}

}  // namespace seshat::s3_store
