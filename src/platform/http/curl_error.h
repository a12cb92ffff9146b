// libcurl's result codes as errors of ours: the one mapping of this adapter.
#pragma once

#include <string_view>

#include "core/base/error.h"
#include "platform/http/message.h"

namespace seshat::http {

// `code` is a CURLcode other than CURLE_OK; `detail` is libcurl's own text, which may be empty.
Error CurlError(int code, std::string_view detail, const Origin& origin);

}  // namespace seshat::http
