#include "platform/http_server/server_sent_event.h"

namespace seshat::http_server {
namespace {

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out += name;
  for (const char c : value)
    if (c != '\r' && c != '\n' && c != '\0') out += c;
  out += '\n';
}

}  // namespace

std::string EncodeServerSentEvent(const ServerSentEvent& event) {
  std::string out;
  AppendField("id: ", event.id, out);
  AppendField("event: ", event.name, out);
  // CR LF, LF and CR each end a line.
  out += "data: ";
  for (size_t i = 0; i < event.data.size(); ++i) {
    const char c = event.data[i];
    if (c == '\r' && i + 1 < event.data.size() && event.data[i + 1] == '\n') continue;
    if (c == '\r' || c == '\n') {
      out += "\ndata: ";
    } else {
      out += c;
    }
  }
  out += "\n\n";
  return out;
}

}  // namespace seshat::http_server
