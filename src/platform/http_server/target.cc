#include "platform/http_server/target.h"

#include <algorithm>

namespace seshat::http_server {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { kPlus, kSpace };

std::optional<std::string> Decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus == Plus::kSpace) c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  return out;
}

bool ParsePath(std::string_view path, Request& request) {
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    auto segment = Decode(path.substr(begin, end - begin), Plus::kPlus);
    if (!segment) return false;
    request.path += '/';
    request.path += *segment;
    request.segments.push_back(std::move(*segment));
    begin = end + 1;
  }
  return true;
}

bool ParseQuery(std::string_view query, Request& request) {
  for (size_t begin = 0; begin < query.size();) {
    const size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view pair = query.substr(begin, end - begin);
    begin = end + 1;
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    auto name = Decode(pair.substr(0, equals), Plus::kSpace);
    auto value = Decode(pair.substr(std::min(equals + 1, pair.size())), Plus::kSpace);
    if (!name || !value) return false;
    request.query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

}  // namespace

bool ParseTarget(std::string_view target, Request& request, std::optional<std::string>& authority) {
  if (!std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; })) return false;
  if (target == "*") {
    request.path = "*";
    return true;
  }
  std::string_view rest = target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    rest = target.substr(scheme.size());
    const size_t end = std::min(rest.find_first_of("/?"), rest.size());
    authority = std::string(rest.substr(0, end));
    rest.remove_prefix(end);
    if (!rest.starts_with('/')) {
      request.path = "/";
      request.segments = {""};
      return ParseQuery(rest.substr(std::min<size_t>(1, rest.size())), request);
    }
  }
  if (!rest.starts_with('/')) return false;
  const size_t question = std::min(rest.find('?'), rest.size());
  return ParsePath(rest.substr(0, question), request) &&
         ParseQuery(rest.substr(std::min(question + 1, rest.size())), request);
}

}  // namespace seshat::http_server
