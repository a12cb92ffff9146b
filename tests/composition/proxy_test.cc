#include "composition/proxy.h"

#include <gtest/gtest.h>

namespace seshat::composition {
namespace {

std::string Text(const Result<Proxy>& proxy) {
  if (!proxy) return proxy.error().message;
  return proxy->url + " " + proxy->user.Expose() + " " + proxy->no_proxy;
}

TEST(Proxy, NoneUnlessSomebodySaysSo) {
  EXPECT_EQ(Text(FindProxy("", ConnectionKind::kTls, {{"HTTP_PROXY", "http://a"}, {"https_proxy", ""}})), "  ");
  EXPECT_EQ(Text(FindProxy("", ConnectionKind::kPlain, {{"HTTPS_PROXY", "http://a"}})), "  ");
}

TEST(Proxy, OfTheKindOfConnection) {
  const Environment all{{"HTTPS_PROXY", "http://tls:1"}, {"http_proxy", "plain:2"}, {"NO_PROXY", "a,b"}};
  EXPECT_EQ(Text(FindProxy("", ConnectionKind::kTls, all)), "http://tls:1  a,b");
  EXPECT_EQ(Text(FindProxy("", ConnectionKind::kPlain, all)), "http://plain:2  a,b");
  EXPECT_EQ(Text(FindProxy("http://ours:3", ConnectionKind::kPlain, all)), "http://ours:3  a,b");
  EXPECT_EQ(Text(FindProxy("", ConnectionKind::kPlain, {{"ALL_PROXY", "http://x:4"}})), "http://x:4  ");
}

TEST(Proxy, ThePasswordIsTakenOutOfTheUrl) {
  EXPECT_EQ(Text(FindProxy("", ConnectionKind::kTls, {{"HTTPS_PROXY", "http://u:p%40x@host:8080/"}})),
            "http://host:8080 u:p@x ");
  EXPECT_EQ(Text(FindProxy("", ConnectionKind::kTls, {{"HTTPS_PROXY", "u:p@ss@host:8080"}})),
            "http://host:8080 u:p@ss ");
}

TEST(Proxy, AMistakeIsNotRepeated) {
  const std::string answer = Text(FindProxy("", ConnectionKind::kTls, {{"HTTPS_PROXY", "http://u:hunter2@ho st:80"}}));
  EXPECT_EQ(answer, "HTTPS_PROXY: expected a proxy such as http://host:port");
}

}  // namespace
}  // namespace seshat::composition
