#include "platform/http_server/router.h"

#include <gtest/gtest.h>

#include "platform/http_server/http_date.h"
#include "platform/http_server/server_sent_event.h"
#include "platform/http_server/target.h"

namespace seshat::http_server {
namespace {

Handler Says(std::string text) {
  return [text](const Request&) { return PlainText(200, text); };
}

std::string Answer(const Router& router, std::string_view method, std::string_view target) {
  Request request;
  std::optional<std::string> authority;
  EXPECT_TRUE(ParseTarget(target, request, authority));
  const Router::Match match = router.Find(method, request.segments);
  if (match.handler == nullptr) return match.allow.empty() ? "404" : "405 " + match.allow;
  std::string text = std::get<std::string>((*match.handler)(request).body);
  for (const auto& [name, value] : match.parameters) text.append(" ").append(name).append("=").append(value);
  return text;
}

TEST(Router, FindsTheHandlerOfMethodAndPath) {
  Router router;
  ASSERT_TRUE(router.Add("GET", "/", Says("root")));
  ASSERT_TRUE(router.Add("GET", "/sessions", Says("list")));
  ASSERT_TRUE(router.Add("GET", "/sessions/{id}", Says("one")));
  ASSERT_TRUE(router.Add("DELETE", "/sessions/{id}", Says("delete")));
  ASSERT_TRUE(router.Add("GET", "/sessions/new", Says("new")));
  ASSERT_TRUE(router.Add("GET", "/sessions/{id}/files/{path...}", Says("file")));
  EXPECT_EQ(Answer(router, "GET", "/"), "root");
  EXPECT_EQ(Answer(router, "GET", "/sessions?x=/y"), "list");
  EXPECT_EQ(Answer(router, "GET", "/sessions/a%20b%2Fc"), "one id=a b/c");
  EXPECT_EQ(Answer(router, "GET", "/sessions/new"), "new");
  EXPECT_EQ(Answer(router, "HEAD", "/sessions/x"), "one id=x");
  EXPECT_EQ(Answer(router, "DELETE", "/sessions/x"), "delete id=x");
  EXPECT_EQ(Answer(router, "DELETE", "/sessions/new"), "delete id=new");
  EXPECT_EQ(Answer(router, "GET", "/sessions/x/files/a/b%2e.bin"), "file id=x path=a/b..bin");
  EXPECT_EQ(Answer(router, "POST", "/sessions/x"), "405 DELETE, GET, HEAD, OPTIONS");
  EXPECT_EQ(Answer(router, "get", "/sessions"), "405 GET, HEAD, OPTIONS");
}

TEST(Router, ANamedSegmentIsNeverEmptyOrAWayUp) {
  Router router;
  ASSERT_TRUE(router.Add("GET", "/sessions/{id}", Says("one")));
  ASSERT_TRUE(router.Add("GET", "/files/{path...}", Says("file")));
  for (const auto* target : {"/sessions/", "/sessions/..", "/sessions/%2e%2E", "/sessions/.", "/files/",
                             "/files/a/../b", "/files/a//b", "/files", "/sessions/a/", "/", "//", "/..", "/nothing"})
    EXPECT_EQ(Answer(router, "GET", target), "404") << target;
}

TEST(Router, RefusesPatternsThatAreNone) {
  Router router;
  ASSERT_TRUE(router.Add("GET", "/a/{x}", Says("")));
  for (const auto* pattern : {"", "a", "/{", "/{}", "/{x...}/b", "/a/{y}"})
    EXPECT_EQ(router.Add("GET", pattern, Says("")).error().code, ErrorCode::kInvalidArgument) << pattern;
  EXPECT_TRUE(router.Add("POST", "/a/{y}", Says("")));
}

TEST(Target, DecodesPathsAndQueries) {
  Request request;
  std::optional<std::string> authority;
  ASSERT_TRUE(ParseTarget("/a+b/%C3%A4?q=x+y%26&flag&q=z&=1", request, authority));
  EXPECT_EQ(request.path, "/a+b/ä");
  EXPECT_EQ(request.Query("q"), "x y&");
  EXPECT_EQ(request.Query("flag"), "");
  EXPECT_EQ(request.Query("other"), std::nullopt);
  EXPECT_EQ(request.query.size(), 4u);
  EXPECT_FALSE(authority);
}

TEST(Target, RefusesWhatIsMalformed) {
  for (const auto* target : {"", "a", "/%", "/%2", "/%2x", "/%00", "/?a=%zz", "/#x", "/a\x80", "ftp://h/", "http:/x"}) {
    Request request;
    std::optional<std::string> authority;
    EXPECT_FALSE(ParseTarget(target, request, authority)) << target;
  }
}

TEST(ServerSentEvent, ALineEndCannotBeginAnotherField) {
  EXPECT_EQ(EncodeServerSentEvent({.id = "7\nevent: x", .name = "ready", .data = "a\r\nb\rid: 9\n"}),
            "id: 7event: x\nevent: ready\ndata: a\ndata: b\ndata: id: 9\ndata: \n\n");
  EXPECT_EQ(EncodeServerSentEvent({.data = "x"}), "data: x\n\n");
}

TEST(HttpDate, IsAsInTheStandard) {
  const auto time = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + std::chrono::seconds(31777);
  EXPECT_EQ(FormatHttpDate(time), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace seshat::http_server
