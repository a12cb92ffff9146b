// What the headers of a request must be before anybody acts on them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http_server/request.h"
#include "platform/http_server/server_options.h"

namespace seshat::http_server {

enum class HttpVersion { k10, k11 };

// One Host (which HTTP/1.0 may leave out), at most one Content-Length that is a number, at most one Transfer-Encoding
// that is "chunked", never both of them: RFC 9112, sections 3.2 and 6. No Expect but 100-continue.
std::optional<Refusal> CheckFields(const Request& request, HttpVersion version);

// Whether the server answers under this name: "127.0.0.1:9464", "[::1]", "localhost", or one of `names`, in any case.
bool IsAllowedHost(std::string_view host, const std::vector<std::string>& names);

bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace seshat::http_server
