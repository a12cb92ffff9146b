#include "composition/proxy.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/aws/sigv4.h"
#include "platform/http/message.h"

namespace seshat::composition {
namespace {

// The first that is set, with its name.
std::pair<std::string, std::string> FirstOf(const Environment& environment,
                                            std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = std::ranges::find(environment, name, &std::pair<std::string, std::string>::first);
    if (found != environment.end() && !found->second.empty()) return *found;
  }
  return {};
}

// Takes "user:password@" out of `url`.
Secret TakeUser(std::string& url) {
  const size_t begin = url.find("://") + 3;
  const size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const size_t at = url.rfind('@', end);
  if (at == std::string::npos || at < begin) return {};
  Secret user(aws::UriDecode(std::string_view(url).substr(begin, at - begin)));
  url.erase(begin, at + 1 - begin);
  return user;
}

}  // namespace

Result<Proxy> FindProxy(const std::string& configured, ConnectionKind kind, const Environment& environment) {
  std::string name = "aws.proxy";
  Proxy proxy{.url = configured};
  if (proxy.url.empty()) {
    std::tie(name, proxy.url) = kind == ConnectionKind::kTls
                                    ? FirstOf(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                                    : FirstOf(environment, {"http_proxy", "all_proxy", "ALL_PROXY"});
  }
  if (proxy.url.empty()) return proxy;
  if (proxy.url.find("://") == std::string::npos) proxy.url = "http://" + proxy.url;
  proxy.user = TakeUser(proxy.url);
  const auto parsed = http::ParseUrl(proxy.url);
  if (!parsed)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: expected a proxy such as http://host:port", name));
  proxy.url = parsed->origin.url();
  proxy.no_proxy = FirstOf(environment, {"no_proxy", "NO_PROXY"}).second;
  return proxy;
}

}  // namespace seshat::composition
