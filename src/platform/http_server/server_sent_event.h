// The text of one server-sent event (WHATWG HTML, section 9.2).
#pragma once

#include <string>
#include <string_view>

namespace seshat::http_server {

struct ServerSentEvent {
  std::string id = {};    // told back by a client that connects again, in Last-Event-ID; line ends are left out
  std::string name = {};  // empty: "message"
  std::string data = {};  // any text: each of its lines becomes a data line
};

// Ends with the empty line that completes the event. A line end in a field can never begin another field.
std::string EncodeServerSentEvent(const ServerSentEvent& event);

// A comment, which clients ignore: PushedBody::heartbeat.
inline constexpr std::string_view kServerSentHeartbeat = ":\n\n";

}  // namespace seshat::http_server
