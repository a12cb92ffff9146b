// Client: an HTTP/1.1 event loop for one thread, with many requests in flight over kept connections.
//
// Start requests, then call Poll again and again: it waits, moves bytes and runs the callbacks. Signing, retries,
// metering and logging are decorators over this interface; tests put a fake below them. For one request at a time
// from any thread see sender.h.
//
// Thread safety: all methods belong to the one thread at a time that uses the client, except Wake.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/secret.h"
#include "platform/http/message.h"

namespace seshat::http {

using RequestId = uint64_t;
using Done = std::move_only_function<void(Outcome)>;

class Client {
 public:
  // Requests that have not ended are dropped without their callbacks.
  virtual ~Client() = default;

  // Begins the request. `done` is called exactly once, inside a later Poll, never inside Start or Cancel; it may call
  // Start and Cancel. Errors come to `done` as well: kInvalidArgument (CheckRequest), kUnavailable (name not found,
  // refused, connection lost), kDeadlineExceeded, kUnauthenticated (TLS: the certificate is not trusted),
  // kResourceExhausted (response above its limit), kCancelled, or what the source or sink said.
  virtual RequestId Start(Request request, Done done) = 0;

  // Ends the request with kCancelled. Its source and sink are not touched any more; `done` follows with the next Poll.
  // Unknown ids are ignored.
  virtual void Cancel(RequestId id) = 0;

  // A source that had answered kNotReady has bytes now. Unknown ids are ignored.
  virtual void Resume(RequestId id) = 0;

  // Waits until a request ends, for at most `timeout`, or until Wake; runs the callbacks of all that have ended. It may
  // return earlier: call it again until what you wait for has come.
  virtual void Poll(std::chrono::milliseconds timeout) = 0;

  // From any thread: the Poll that runs now, or else the next one, returns early.
  virtual void Wake() = 0;

  // Started, and `done` not yet called.
  virtual size_t in_flight() const = 0;

  // How often servers have asked for fewer requests so far, whether it was tried again or not. Only clients that try
  // again count it; decorators over them hand it on.
  virtual uint64_t throttled() const { return 0; }
};

struct ClientOptions {
  std::string ca_file;   // PEM; empty: the system's certificates
  std::string proxy;     // "http://host:port"; empty: none (the environment is not read)
  std::string no_proxy;  // names that go around it, comma-separated
  Secret proxy_user;     // "user:password"
  size_t max_idle_connections = 64;
  size_t upload_buffer_bytes = 128 << 10;   // one per upload in flight (16 KiB–2 MiB)
  size_t receive_buffer_bytes = 128 << 10;  // one per request in flight that has a sink (1–512 KiB)
};

// On libcurl multi: no signals, no redirects, keep-alive, certificates and host names always verified, TLS 1.2 or
// later. kInvalidArgument for options that cannot be (a CA file that cannot be read).
Result<std::unique_ptr<Client>> MakeClient(const ClientOptions& options);

}  // namespace seshat::http
