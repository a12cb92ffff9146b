#include "platform/http_server/router.h"

#include <fmt/format.h>

#include <algorithm>

namespace seshat::http_server {
namespace {

bool CanBeNamed(std::string_view segment) { return !segment.empty() && segment != "." && segment != ".."; }

}  // namespace

Result<std::vector<Router::Part>> Router::Parse(std::string_view pattern) {
  const auto bad = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no path pattern: {}", pattern, why));
  };
  if (!pattern.starts_with('/')) return bad("it does not begin with '/'");
  std::vector<Part> parts;
  for (size_t begin = 1; begin <= pattern.size();) {
    const size_t end = std::min(pattern.find('/', begin), pattern.size());
    std::string_view text = pattern.substr(begin, end - begin);
    begin = end + 1;
    if (!text.starts_with('{')) {
      parts.push_back({Part::Kind::kFixed, std::string(text)});
      continue;
    }
    if (!text.ends_with('}')) return bad("a '{' has no '}' in its segment");
    text = text.substr(1, text.size() - 2);
    const bool rest = text.ends_with("...");
    if (rest) text.remove_suffix(3);
    if (text.empty()) return bad("a segment has no name");
    if (rest && begin <= pattern.size()) return bad("the rest is not its last segment");
    parts.push_back({rest ? Part::Kind::kRest : Part::Kind::kNamed, std::string(text)});
  }
  return parts;
}

bool Router::SameShape(const std::vector<Part>& a, const std::vector<Part>& b) {
  return std::ranges::equal(a, b, [](const Part& x, const Part& y) {
    return x.kind == y.kind && (x.kind != Part::Kind::kFixed || x.text == y.text);
  });
}

Status Router::Add(std::string_view method, std::string_view pattern, Handler handler, Runs runs) {
  SESHAT_ASSIGN(std::vector<Part> parts, Parse(pattern));
  for (const Route& route : routes_) {
    if (route.method == method && SameShape(route.parts, parts))
      return Fail(ErrorCode::kInvalidArgument, fmt::format("{} {} is there already", method, pattern));
  }
  routes_.push_back({std::string(method), std::move(parts), std::move(handler), runs});
  return {};
}

bool Router::Fits(const Route& route, const std::vector<std::string>& segments) {
  const std::vector<Part>& parts = route.parts;
  const bool rest = !parts.empty() && parts.back().kind == Part::Kind::kRest;
  if (rest ? segments.size() < parts.size() : segments.size() != parts.size()) return false;
  for (size_t i = 0; i < segments.size(); ++i) {
    const Part& part = parts[std::min(i, parts.size() - 1)];
    if (part.kind == Part::Kind::kFixed ? segments[i] != part.text : !CanBeNamed(segments[i])) return false;
  }
  return true;
}

bool Router::Stronger(const Route& a, const Route& b) {
  for (size_t i = 0; i < std::min(a.parts.size(), b.parts.size()); ++i)
    if (a.parts[i].kind != b.parts[i].kind) return a.parts[i].kind < b.parts[i].kind;
  return a.parts.size() > b.parts.size();
}

std::string Router::Allow(const std::vector<const Route*>& routes) {
  std::vector<std::string_view> methods{"OPTIONS"};
  for (const Route* route : routes) {
    methods.push_back(route->method);
    if (route->method == "GET") methods.push_back("HEAD");
  }
  std::ranges::sort(methods);
  const auto twice = std::ranges::unique(methods);
  methods.erase(twice.begin(), twice.end());
  return fmt::format("{}", fmt::join(methods, ", "));
}

Router::Match Router::Find(std::string_view method, const std::vector<std::string>& segments) const {
  Match match;
  std::vector<const Route*> fitting;
  for (const Route& route : routes_)
    if (Fits(route, segments)) fitting.push_back(&route);
  if (fitting.empty()) return match;
  match.allow = Allow(fitting);
  const auto find = [&](std::string_view wanted) {
    const Route* best = nullptr;
    for (const Route* route : fitting)
      if (route->method == wanted && (best == nullptr || Stronger(*route, *best))) best = route;
    return best;
  };
  const Route* route = find(method);
  if (route == nullptr && method == "HEAD") route = find("GET");
  if (route == nullptr) return match;
  match.handler = &route->handler;
  match.runs = route->runs;
  for (size_t i = 0; i < route->parts.size(); ++i) {
    const Part& part = route->parts[i];
    if (part.kind == Part::Kind::kNamed) match.parameters.emplace_back(part.text, segments[i]);
    if (part.kind == Part::Kind::kRest)
      match.parameters.emplace_back(
          part.text, fmt::format("{}", fmt::join(segments.begin() + static_cast<ptrdiff_t>(i), segments.end(), "/")));
  }
  return match;
}

}  // namespace seshat::http_server
