// What a handler gets: one request, read to its end and found well-formed.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seshat::http_server {

struct Request {
  std::string method;                                        // as sent; methods are case-sensitive
  std::string path;                                          // "/sessions/a b", percent-decoded, without the query
  std::vector<std::string> segments;                         // of the path, each decoded by itself: %2F is no separator
  std::vector<std::pair<std::string, std::string>> query;    // decoded, '+' is a space, in the order sent
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in the order sent
  std::vector<std::pair<std::string, std::string>> parameters;  // the named segments of the route
  std::string body;                                             // decoded, at most ServerLimits::body_bytes
  std::string peer;                                             // "127.0.0.1:41234"
  // Asks the handler to end: it has used up its time, or the server stops. Nobody reads the answer then.
  std::stop_token stop;

  // Of several headers or parameters with one name the first counts; nothing where there is none.
  std::optional<std::string_view> Header(std::string_view lower_case_name) const;
  std::optional<std::string_view> Query(std::string_view name) const;
  // Empty where the route has no such segment.
  std::string_view Parameter(std::string_view name) const;
};

}  // namespace seshat::http_server
