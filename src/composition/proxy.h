// Which proxy a connection goes through.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/secret.h"

namespace seshat::composition {

using Environment = std::vector<std::pair<std::string, std::string>>;

struct Proxy {
  std::string url;       // "http://host:port", without a password; empty: none
  Secret user;           // "user:password"; empty: none
  std::string no_proxy;  // hosts that go around it, comma-separated
};

enum class ConnectionKind { kTls, kPlain };

// `configured` (aws.proxy), or else HTTPS_PROXY or http_proxy (as curl reads them: HTTP_PROXY in capitals can be set by
// whoever sends a request to a CGI program, and is ignored), or ALL_PROXY. kInvalidArgument naming the variable, without
// its text, which may hold a password.
Result<Proxy> FindProxy(const std::string& configured, ConnectionKind kind, const Environment& environment);

}  // namespace seshat::composition
