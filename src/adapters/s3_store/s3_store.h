// A blob store in a bucket of Amazon S3, or of a service that speaks S3.
//
// Writes are create-only (If-None-Match: *), one request for a body of at most `single_put_bytes` without a journal, a
// multipart upload for every other. Each request's bytes travel with their CRC64NVME, which the server checks before
// anything becomes visible; what the server reports is compared once more. Over TLS the payload is not signed
// (UNSIGNED-PAYLOAD), over plain HTTP it is. A digest that the caller knows (PutRequest::sha256) is not computed again.
//
// Needs, for BlobAccess::kWriteOnly: s3:PutObject, s3:AbortMultipartUpload, s3:ListMultipartUploadParts (with SSE-KMS
// also kms:GenerateDataKey and kms:Decrypt). For reading: s3:GetObject, s3:ListBucket, s3:RestoreObject.
//
// A crash between CreateMultipartUpload's answer and the journal leaves an upload without parts, which costs nothing
// and which nobody can find without the right to list uploads: the bucket's rule for stale uploads removes it. Every
// other unfinished upload is known to its journal.
//
// Concurrency is found out while running (concurrency.h). Memory: at most `buffer_bytes` for bodies in each running
// PutAll, and the client's own buffers.
#pragma once

#include <chrono>
#include <memory>

#include "adapters/s3_store/s3_options.h"
#include "core/base/error.h"
#include "core/base/secret.h"
#include "core/records/blob_key.h"
#include "platform/aws/service.h"
#include "ports/blob_store.h"
#include "ports/clock.h"

namespace seshat::s3_store {

// Opens no connection. kInvalidArgument for options that cannot be. `clock` must outlive the store.
Result<std::unique_ptr<BlobStore>> MakeS3BlobStore(const S3StoreOptions& options, std::shared_ptr<aws::Service> service,
                                                   Clock& clock);

// A URL with which anybody may read this one object for `valid` (1 s–7 days): a secret. No I/O. kInvalidArgument for a
// key that the store cannot hold.
Result<Secret> PresignGet(const S3StoreOptions& options, aws::Service& service, const BlobKey& key,
                          std::chrono::seconds valid);

}  // namespace seshat::s3_store
