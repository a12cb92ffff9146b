// What a refusal of S3 means in the port's words.
#pragma once

#include <string_view>

#include "core/base/error.h"
#include "platform/aws/error.h"
#include "platform/http/message.h"

namespace seshat::s3_store {

// For an answer that is no success: the permission that the request took, and what it was about ("s3://bucket/key").
Error ErrorFrom(std::string_view action, std::string_view resource, const http::Response& response);

inline bool Succeeded(const http::Response& response) { return response.status >= 200 && response.status < 300; }

}  // namespace seshat::s3_store
