// The end of a pushed body that the program holds: server-sent events, a log that is followed.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string_view>

namespace seshat::http_server {

// Thread-safe. It may be kept longer than the connection and the server: everything is refused then.
class BodyWriter {
 public:
  enum class Outcome {
    kTaken,   // all of it; it is sent as the client takes it
    kFull,    // none of it: the client is slower than the program. Leave it out, or wait for room
    kClosed,  // none of it: the client is gone or the server stops
  };

  virtual ~BodyWriter() = default;  // ends the body, as End does

  // Never blocks. At most ServerLimits::push_bytes wait for the client; one longer text is taken where nothing waits.
  virtual Outcome Write(std::string_view text) = 0;

  // Waits until what waits for the client is less than half of push_bytes. False: closed, `stop`, or `limit` is over.
  virtual bool WaitForRoom(std::chrono::milliseconds limit, std::stop_token stop) = 0;

  // The body is complete once what was taken is sent. Idempotent.
  virtual void End() = 0;

  virtual bool closed() const = 0;
};

}  // namespace seshat::http_server
