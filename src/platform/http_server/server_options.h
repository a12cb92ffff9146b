// How an HTTP server is set up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/http_server/response.h"
#include "ports/clock.h"

namespace seshat::http_server {

// Everything a client can make us wait for or hold has an end.
struct ServerLimits {
  size_t request_line_bytes = 16 * 1024;  // longer: 414
  size_t head_bytes = 32 * 1024;          // request line and headers; more: 431
  size_t headers = 100;                   // more: 431
  uint64_t body_bytes = 1 << 20;          // held in memory; more: 413
  size_t push_bytes = 64 * 1024;          // of a pushed body, waiting for its client

  std::chrono::milliseconds head_time{
      10'000};  // from a request's first byte (TLS: from the connection) to its last header
  std::chrono::milliseconds body_time{60'000};     // from there to the end of the body; longer: 408, as for the head
  std::chrono::milliseconds handler_time{60'000};  // until the handler has answered, or has its next piece; longer: 503
  std::chrono::milliseconds write_time{30'000};    // without the client taking a single byte
  std::chrono::milliseconds idle_time{60'000};     // between two requests
  std::chrono::milliseconds drain_time{5'000};     // for running requests, when the server stops

  // A connection is closed after its answer when it is this old or has had so many requests, so that load spreads anew.
  size_t requests_per_connection = 10'000;
  std::chrono::milliseconds connection_age{3'600'000};

  // For one more, the connection that has waited longest without a complete request is closed, or the one whose answer
  // has been under way longest, if that is longer than write_time; otherwise the new one is. Each may hold body_bytes.
  size_t connections = 1'024;

  size_t handler_threads = 4;
  size_t waiting_requests = 256;  // for a handler thread; more: 503
};

struct TlsFiles {
  std::filesystem::path certificate;  // PEM, the server's own first, then what leads to its authority
  std::filesystem::path key;          // PEM
};

// A request that no handler answers. The texts are for people; `status` is what counts.
struct Refusal {
  int status = 500;
  std::string detail;  // "there is no such path"
  std::string path;    // of the request, where it could be read
};

struct ServerOptions {
  std::string address = "127.0.0.1";           // an IP address; names are not resolved
  uint16_t port = 0;                           // 0: a free one
  std::optional<TlsFiles> tls = std::nullopt;  // TLS 1.2 and 1.3
  // Host must be an IP address, localhost, or one of these (without port). A page of another site could otherwise read
  // this server through a name that it lets point here (DNS rebinding).
  std::vector<std::string> host_names = {};
  // Gives refusals their form, such as a problem document (RFC 9457). Called on the server's thread: must not wait.
  std::function<Response(const Refusal&)> refuse = nullptr;  // null: plain text
  const Clock* clock = nullptr;                              // for Date; null: no Date. Must outlive the server
  ServerLimits limits = {};
};

}  // namespace seshat::http_server
