// The XML that S3 speaks, as values. Responses are hostile until read: of any shape, cut off, or not XML at all.
//
// Element names are compared without their namespace prefix; elements that are not known are skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

struct SentPart {
  std::string etag;  // as the server gave it, quotes included
  uint64_t crc = 0;
};

// CompleteMultipartUpload's body: parts 1, 2, ….
std::string CompleteText(std::span<const SentPart> parts);
// RestoreObject's body.
std::string RestoreText(const RestoreOptions& options);

// All below: kDataLoss for what is not the document that was asked for.

// CreateMultipartUpload's answer: the upload id.
Result<std::string> ReadUploadId(std::string_view text);

// CompleteMultipartUpload's answer: 200 tells nothing yet, the body may be an error all the same.
struct CompleteAnswer {
  bool failed = false;    // aws::ParseAwsError tells why
  std::string crc64nvme;  // base64; empty where the server does not tell
};
Result<CompleteAnswer> ReadComplete(std::string_view text);

struct ListedPart {
  uint32_t number = 0;
  uint64_t size = 0;
  std::string etag;
  std::string crc64nvme;  // base64; empty where the server does not tell
};
struct PartPage {
  std::vector<ListedPart> parts;
  bool truncated = false;
  uint32_t next_marker = 0;
};
Result<PartPage> ReadParts(std::string_view text);

struct ObjectPage {
  std::vector<BlobInfo> objects;     // keys as the bucket has them
  std::vector<std::string> folders;  // likewise
  bool truncated = false;
};
Result<ObjectPage> ReadObjects(std::string_view text);

}  // namespace seshat::s3_store
