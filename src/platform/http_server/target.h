// The target of a request line: "/sessions/a%20b?limit=3".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/http_server/request.h"

namespace seshat::http_server {

// Fills path, segments and query. Takes the forms of RFC 9112, section 3.2, that a server is asked with: a path, an
// absolute http(s) address (its authority is told in `authority`), and "*". False: it is none of them, a percent sign
// without two digits follows, or a decoded byte is 0.
bool ParseTarget(std::string_view target, Request& request, std::optional<std::string>& authority);

}  // namespace seshat::http_server
