// What a handler answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "platform/http_server/body_writer.h"

namespace seshat::http_server {

// A body that the server fetches piece by piece, each when the client has taken the one before: downloads. `next` is
// called on a handler thread, never twice at once, and not at all for HEAD; an empty piece is the end. An error cuts the connection, so that
// the client sees that its copy is incomplete.
struct PulledBody {
  std::function<Result<std::string>()> next;
  std::optional<uint64_t> bytes = std::nullopt;  // Content-Length, where it is known; fewer or more cut the connection
};

// A body that the program writes when something happens. `begin` is called once (for HEAD: not), on a handler thread, and must not wait.
// A body that is still open when the server stops is ended there.
struct PushedBody {
  std::function<void(std::unique_ptr<BodyWriter>)> begin;
  // Sent when nothing else was for so long, so that a client that is gone is noticed.
  std::string heartbeat = {};
  std::chrono::milliseconds heartbeat_after{15'000};
};

struct Response {
  int status = 200;
  // Names in any case. Content-Length, Transfer-Encoding, Connection and Date are the server's.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::variant<std::string, PulledBody, PushedBody> body = {};
};

// "text/plain; charset=utf-8", never cached.
Response PlainText(int status, std::string text);

}  // namespace seshat::http_server
