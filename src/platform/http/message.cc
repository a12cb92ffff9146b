#include "platform/http/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace seshat::http {
namespace {

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualNames(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
}

std::string_view Trim(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  const size_t end = text.find_last_not_of(" \t\r\n");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

bool IsAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// RFC 9110, section 5.6.2.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return IsAlphanumeric(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool IsHost(std::string_view text) {
  const bool address = text.starts_with('[') && text.ends_with(']');
  const auto inner = address ? text.substr(1, text.size() - 2) : text;
  return !inner.empty() && inner.size() <= 255 && std::ranges::all_of(inner, [&](char c) {
    return IsAlphanumeric(c) || c == '-' || c == '.' || c == '_' || (address && (c == ':' || c == '%'));
  });
}

// What stands between two blanks of the request line, and has no part that a server would cut off.
bool IsVisible(std::string_view text, std::string_view without) {
  return std::ranges::all_of(
      text, [&](char c) { return c > ' ' && c < '\x7f' && without.find(c) == std::string_view::npos; });
}

bool IsHeaderValue(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f'); });
}

}  // namespace

std::string Origin::authority() const {
  if (port == 0 || port == (tls ? 443 : 80)) return host;
  return fmt::format("{}:{}", host, port);
}

std::string Origin::url() const { return fmt::format("{}://{}", tls ? "https" : "http", authority()); }

Result<Url> ParseUrl(std::string_view text) {
  const auto refused = [&](std::string_view why) {
    // A password may stand before the '@': what is refused for it is not repeated.
    const auto shown = text.find('@') == std::string_view::npos ? text.substr(0, 200) : "<hidden>";
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no URL like https://host[:port][/path]: {}", shown, why));
  };
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    url.origin.tls = false;
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else {
    return refused("it starts with neither https:// nor http://");
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) return refused("it has a user or password in it");
  const size_t colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
  url.origin.host = authority.substr(0, colon);
  if (!IsHost(url.origin.host)) return refused("the host is missing or has a character that no name has");
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.origin.port);
    if (error != std::errc{} || end != port.data() + port.size() || url.origin.port == 0)
      return refused("the port is no number from 1 to 65535");
  }
  const size_t question = rest.find('?');
  if (question != std::string_view::npos) url.query = rest.substr(question + 1);
  const std::string_view path = rest.substr(0, question);
  if (!path.empty()) url.path = path;
  if (!IsVisible(url.path, "#") || !IsVisible(url.query, "#"))
    return refused("it has a blank, a control character or a '#'");
  return url;
}

Body Body::Of(std::string text) {
  auto owned = std::make_shared<const std::string>(std::move(text));
  return {AsBytes(*owned), owned, nullptr};
}

Body Body::Borrowed(ByteSpan bytes) { return {bytes, nullptr, nullptr}; }

Body Body::From(std::shared_ptr<BodySource> source) { return {{}, nullptr, std::move(source)}; }

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (size_t i = 0; i < spans_.size(); ++i) {
    const auto [found, value] = At(i);
    if (EqualNames(found, name)) return value;
  }
  return std::nullopt;
}

std::pair<std::string_view, std::string_view> Headers::At(size_t index) const {
  const Span& span = spans_[index];
  const std::string_view text = text_;
  return {text.substr(span.name_begin, span.name_size), text.substr(span.value_begin, span.value_size)};
}

void Headers::Add(std::string_view name, std::string_view value) {
  value = Trim(value);
  const auto begin = static_cast<uint32_t>(text_.size());
  const auto name_size = static_cast<uint32_t>(name.size());
  spans_.push_back({begin, name_size, begin + name_size, static_cast<uint32_t>(value.size())});
  text_.append(name).append(value);
}

void Headers::Clear() {
  text_.clear();
  spans_.clear();
}

Status CheckRequest(const Request& request) {
  const auto refused = [](std::string message) { return Fail(ErrorCode::kInvalidArgument, std::move(message)); };
  if (!IsToken(request.method)) return refused("the method is no HTTP token");
  if (!IsHost(request.origin.host))
    return refused(fmt::format("'{}' is no host name", request.origin.host.substr(0, 64)));
  if (!request.path.starts_with('/') || !IsVisible(request.path, "?#"))
    return refused("the path of a request must start with '/' and be percent-encoded");
  if (!IsVisible(request.query, "#")) return refused("the query of a request must be percent-encoded");
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name)) return refused("a header's name is no HTTP token");
    // The value may be a secret: it is not repeated.
    if (!IsHeaderValue(value)) return refused(fmt::format("the header {} has a control character", name));
  }
  return {};
}

}  // namespace seshat::http
