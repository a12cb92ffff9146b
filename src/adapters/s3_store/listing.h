// One page of a bucket, in the port's order and words.
#pragma once

#include "adapters/s3_store/s3_key.h"
#include "adapters/s3_store/wire.h"
#include "core/base/error.h"
#include "platform/http/sender.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

Result<ListPage> ListBucket(http::Sender& sender, const Wire& wire, const KeySpace& keys, std::string_view bucket,
                            const ListOptions& options);

}  // namespace seshat::s3_store
