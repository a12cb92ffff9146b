// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
#pragma once

#include <string>

#include "core/base/time.h"

namespace seshat::http_server {

std::string FormatHttpDate(Timestamp time);

}  // namespace seshat::http_server
