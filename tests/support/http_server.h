// A scripted HTTP/1.1 server on 127.0.0.1: answers what a test tells it to, or misbehaves in the ways of real networks.
//
//   HttpServer server([](const ReceivedRequest& request) -> HttpAnswer {
//     return {.status = request.path == "/b/k" ? 200 : 404, .headers = {{"etag", "\"x\""}}, .body = "hello"};
//   });
//   … point the client at server.url() …
//   EXPECT_EQ(server.requests().at(0).header("content-type"), "application/xml");
//
// One thread for each connection; the destructor ends them all. Handlers run on those threads, never two at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seshat::testing {

struct ReceivedRequest {
  std::string method;
  std::string target;  // as on the wire: "/b/k%20x?uploads", or "http://host/…" to a proxy, "host:port" for CONNECT
  std::string path;    // of the target, still encoded
  std::string query;   // still encoded, without '?'
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;                                          // its first 4 MiB
  uint64_t body_bytes = 0;                                   // that arrived, all of them
  std::string body_sha256;                                   // hexadecimal, of all that arrived
  size_t connection = 0;                                     // 0 for the first that was accepted, and so on
  size_t number = 0;                                         // 0 for the first request that was received, and so on

  std::string header(std::string_view lower_name) const;  // "" where absent
  bool has_header(std::string_view lower_name) const;
};

struct HttpAnswer {
  int status = 200;
  // Content-Length is added unless one is here; Date only if it is here.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Ends the connection after so many bytes of the answer, head included; 0: before the first.
  std::optional<size_t> cut_after = std::nullopt;
  bool reset = false;                          // a connection that is ended is reset (RST) instead of closed
  bool black_hole = false;                     // never answers, and keeps the connection open
  bool close = false;                          // closes the connection after the answer, without having said so
  std::chrono::milliseconds between_bytes{0};  // > 0: one byte of the body at a time
  uint16_t tunnel_to = 0;                      // to a CONNECT: passes bytes both ways to this port of 127.0.0.1
};

class HttpServer {
 public:
  using Handler = std::function<HttpAnswer(const ReceivedRequest&)>;

  struct Options {
    // With both: HTTPS. PEM files, see test_certificates.h.
    std::filesystem::path certificate_file;
    std::filesystem::path key_file;
    // Called with a request whose head has arrived: after so many bytes of its body the connection is reset.
    std::function<std::optional<uint64_t>(const ReceivedRequest&)> reset_body_at;
  };

  explicit HttpServer(Handler handler);
  HttpServer(Handler handler, Options options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:41234", or "https://localhost:41234"

  std::vector<ReceivedRequest> requests() const;  // that arrived whole
  size_t connections() const;                     // that were accepted
  // False: fewer than `count` requests have arrived after ten seconds.
  bool WaitForRequests(size_t count) const;

  // One answer after the other, whatever is asked; the last one again and again.
  static Handler Script(std::vector<HttpAnswer> answers);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seshat::testing
