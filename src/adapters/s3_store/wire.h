// The requests of the S3 API that we send, each with the permission it needs in Request::operation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/s3_store/put_state.h"
#include "adapters/s3_store/s3_options.h"
#include "core/digest/sha256.h"
#include "platform/http/message.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

// A body on its way up: its checksum, and the digest where the connection is not encrypted.
struct Payload {
  http::Body body;
  uint64_t crc = 0;
  std::optional<Sha256> sha256;
};

// Keys are as in the bucket. Thread-safe: nothing changes after construction.
class Wire {
 public:
  explicit Wire(S3StoreOptions options) : options_(std::move(options)) {}

  // Whether requests must carry the digest of their body.
  bool signs_payload() const { return !options_.endpoint.origin.tls; }

  http::Request PutObject(std::string_view key, const PutRequest& put, Payload payload) const;

  http::Request CreateUpload(std::string_view key, const PutRequest& put) const;
  http::Request UploadPart(std::string_view key, std::string_view upload_id, uint32_t number, Payload payload) const;
  http::Request ListParts(std::string_view key, std::string_view upload_id, uint32_t after) const;
  http::Request Complete(std::string_view key, std::string_view upload_id, uint64_t size, uint64_t crc,
                         std::string text) const;
  http::Request Abort(std::string_view key, std::string_view upload_id) const;

  http::Request Head(std::string_view key) const;
  http::Request Get(std::string_view key) const;
  // Bytes first–last, both included. With `etag`: only of that version of the object.
  http::Request Get(std::string_view key, uint64_t first, uint64_t last, std::string_view etag) const;
  // A get without headers, for a URL.
  http::Request Presigned(std::string_view key) const { return Make("GET", key, "s3:GetObject"); }
  http::Request List(std::string_view prefix, std::string_view start_after, size_t limit, bool fold_folders) const;
  http::Request Restore(std::string_view key, std::string text) const;

 private:
  http::Request Make(std::string_view method, std::string_view key, std::string_view operation) const;
  void AddPayload(http::Request& request, Payload payload) const;
  void AddText(http::Request& request, std::string text) const;
  void AddObjectHeaders(http::Request& request, const PutRequest& put) const;

  const S3StoreOptions options_;
};

}  // namespace seshat::s3_store
