#include "platform/http/message.h"

#include <gtest/gtest.h>

namespace seshat::http {
namespace {

TEST(HttpUrl, Parts) {
  const auto full = ParseUrl("https://store.lab:9000/base/path?a=1&b").value();
  EXPECT_EQ(full.origin, (Origin{true, "store.lab", 9000}));
  EXPECT_EQ(full.path, "/base/path");
  EXPECT_EQ(full.query, "a=1&b");
  const auto least = ParseUrl("http://127.0.0.1").value();
  EXPECT_EQ(least.origin, (Origin{false, "127.0.0.1", 0}));
  EXPECT_EQ(least.path, "/");
  EXPECT_EQ(least.query, "");
  EXPECT_EQ(ParseUrl("http://[::1]:80/").value().origin, (Origin{false, "[::1]", 80}));
  EXPECT_EQ(ParseUrl("https://[::1]?x").value().query, "x");
}

TEST(HttpUrl, Refused) {
  for (const char* text :
       {"", "store.lab", "ftp://store.lab", "https://", "https:///x", "https://a b", "https://a:0", "https://a:65536",
        "https://a:", "https://a:x", "https://a/b c", "https://a/b#c", "https://a/\r\n", "https://user:geheim@a/"}) {
    const auto url = ParseUrl(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(url.error().message.find("geheim"), std::string::npos);
  }
}

TEST(HttpOrigin, ThePortIsSaidOnlyWhereItIsNotTheUsualOne) {
  EXPECT_EQ((Origin{true, "a", 443}).authority(), "a");
  EXPECT_EQ((Origin{true, "a", 80}).authority(), "a:80");
  EXPECT_EQ((Origin{false, "a", 80}).url(), "http://a");
  EXPECT_EQ((Origin{true, "a", 0}).effective_port(), 443);
  EXPECT_EQ((Origin{false, "a", 0}).effective_port(), 80);
}

TEST(HttpHeaders, NamesInAnyCaseAndTheFirstOfSeveral) {
  Headers headers;
  headers.Add("ETag", "  \"a\" \r\n");
  headers.Add("etag", "second");
  headers.Add("X-Empty", "");
  EXPECT_EQ(headers.Get("ETAG"), "\"a\"");
  EXPECT_EQ(headers.Find("x-empty"), "");
  EXPECT_FALSE(headers.Find("x-emptyx"));
  EXPECT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers.At(1).second, "second");
  headers.Clear();
  EXPECT_FALSE(headers.Find("etag"));
}

}  // namespace
}  // namespace seshat::http
