// What S3 says about an object, in the port's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/records/storage_class.h"
#include "platform/http/message.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

struct ColdState {
  ArchiveState state = ArchiveState::kReadable;
  std::optional<Timestamp> restored_until;
};

// S3 has more classes than we use: those that can be read at once count as Standard, Glacier Flexible Retrieval as Deep
// Archive. Empty means Standard: S3 leaves the header out for it.
StorageClass ClassFromS3(std::string_view name);

// `name` is the storage class in S3's words, `restore` the header x-amz-restore:
//   ongoing-request="true"   or   ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"
ColdState ColdStateFrom(std::string_view name, std::string_view restore);

// From the headers of a HEAD or a GET. The size is the whole object's, also where the answer is a range. kDataLoss
// where the headers make no sense.
Result<BlobInfo> InfoFromHeaders(std::string key, const http::Headers& headers);

// "crc64nvme:<base64>" as in PutOutcome, or empty.
std::string ChecksumText(std::string_view base64);

}  // namespace seshat::s3_store
