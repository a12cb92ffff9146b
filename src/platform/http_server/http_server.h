// An HTTP/1.1 server for everything that Seshat serves: what a running process tells about itself, the API, the console.
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "platform/http_server/router.h"
#include "platform/http_server/server_options.h"

namespace seshat::http_server {

// One thread reads and writes all connections, ServerLimits::handler_threads run handlers: a slow handler holds up
// nobody until all of them are slow, and a slow client never holds a handler. Requests of one connection are answered
// one after the other, in order. What could be read in two ways (RFC 9112, section 11: smuggling) is refused, and the
// connection closed. The destructor stops the server.
class HttpServer {
 public:
  virtual ~HttpServer() = default;

  virtual std::string address() const = 0;  // "127.0.0.1:41234", with the port that was taken

  // No new connections; idle ones are closed, pushed bodies are ended, running requests are answered for up to
  // ServerLimits::drain_time. Then connections are cut and handlers asked to end by their stop token; returns when the
  // last handler has. Idempotent. Not thread-safe, and not to be called by a handler.
  virtual void Stop() = 0;
};

// kInvalidArgument: the address is none, the certificate or its key cannot be used; kAlreadyExists: the port is taken;
// otherwise as the kernel says.
Result<std::unique_ptr<HttpServer>> MakeHttpServer(ServerOptions options, Router router);

}  // namespace seshat::http_server
