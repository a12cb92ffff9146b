#include "platform/http_server/field_rules.h"

#include <arpa/inet.h>

#include <algorithm>

namespace seshat::http_server {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool AllDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool IsAddress(int family, std::string_view text) {
  unsigned char bytes[16];
  return ::inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

std::optional<Refusal> CheckFields(const Request& request, HttpVersion version) {
  const auto count = [&](std::string_view name) {
    return std::ranges::count_if(request.headers, [&](const auto& header) { return header.first == name; });
  };
  const auto hosts = count("host");
  if (hosts > 1 || (hosts == 0 && version == HttpVersion::k11)) return Refusal{400, "there must be one Host header"};
  const auto lengths = count("content-length");
  const auto encodings = count("transfer-encoding");
  if (lengths + encodings > 1) return Refusal{400, "the length of the body is told twice"};
  // 18 digits fit into 64 bits.
  if (lengths == 1) {
    const std::string_view text = *request.Header("content-length");
    if (!AllDigits(text)) return Refusal{400, "Content-Length is no number"};
    if (text.size() > 18) return Refusal{413, "the body is too long"};
  }
  if (encodings == 1) {
    if (version == HttpVersion::k10) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (!EqualsIgnoringCase(*request.Header("transfer-encoding"), "chunked"))
      return Refusal{501, "the only Transfer-Encoding is chunked"};
  }
  const auto expect = request.Header("expect");
  if (expect && !EqualsIgnoringCase(*expect, "100-continue")) return Refusal{417, "the only Expect is 100-continue"};
  return std::nullopt;
}

bool IsAllowedHost(std::string_view host, const std::vector<std::string>& names) {
  const auto port_follows = [](std::string_view rest) {
    return rest.empty() || (rest[0] == ':' && AllDigits(rest.substr(1)));
  };
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    return end != std::string_view::npos && IsAddress(AF_INET6, host.substr(1, end - 1)) &&
           port_follows(host.substr(end + 1));
  }
  const size_t colon = std::min(host.find(':'), host.size());
  if (!port_follows(host.substr(colon))) return false;
  std::string_view name = host.substr(0, colon);
  if (IsAddress(AF_INET, name)) return true;
  if (name.ends_with('.')) name.remove_suffix(1);
  return EqualsIgnoringCase(name, "localhost") ||
         std::ranges::any_of(names, [&](const std::string& known) { return EqualsIgnoringCase(name, known); });
}

}  // namespace seshat::http_server
