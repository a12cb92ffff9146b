// A small HTTP server for those who watch Seshat: /metrics, /livez, /readyz.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"

namespace seshat::http_status {

struct HttpStatusOptions {
  std::string address = "127.0.0.1";  // an IP address; names are not resolved
  uint16_t port = 0;                  // 0: a free one
  // Called on the server's thread for each request.
  std::function<std::string()> metrics;       // the body of /metrics
  std::function<Status()> ready;              // /readyz: 200, or 503 with the reason
  std::chrono::milliseconds timeout{10'000};  // for a request to arrive, and for its answer to be taken
  size_t max_connections = 32;                // further ones are closed at once
};

// One thread, made by MakeHttpStatus and joined by the destructor, which waits for no client. GET and HEAD
// only; a request may have 8 KiB of headers and no body.
class HttpStatus {
 public:
  virtual ~HttpStatus() = default;
  virtual std::string address() const = 0;  // "127.0.0.1:41234", with the port that was taken
};

// kInvalidArgument for an address that is none; kAlreadyExists where the port is taken; otherwise as the kernel
// says.
Result<std::unique_ptr<HttpStatus>> MakeHttpStatus(HttpStatusOptions options);

}  // namespace seshat::http_status
