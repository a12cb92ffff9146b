// What goes wrong on the way, and which error it becomes.
#include <gtest/gtest.h>

#include <thread>

#include "platform/http/client.h"
#include "platform/http/client_steps.h"

namespace seshat::http {
namespace {

using testing::HttpAnswer;
using testing::HttpServer;
using testing::ReceivedRequest;

Error ErrorOf(const Outcome& outcome) {
  return outcome.response ? Error{ErrorCode::kInternal, "an answer"} : outcome.response.error();
}

TEST(HttpClientErrors, NobodyListens) {
  uint16_t port = 0;
  {
    port = HttpServer(HttpServer::Script({{}})).port();
  }
  const auto client = NewClient();
  Request request;
  request.origin = {false, "127.0.0.1", port};
  const Outcome outcome = SendOver(*client, std::move(request));
  EXPECT_EQ(ErrorOf(outcome).code, ErrorCode::kUnavailable);
  EXPECT_NE(ErrorOf(outcome).message.find("cannot connect to 127.0.0.1:"), std::string::npos);
  EXPECT_FALSE(outcome.exchange.sent);
}

TEST(HttpClientErrors, NoSuchName) {
  const auto client = NewClient();
  Request request;
  request.origin.host = "nowhere.invalid";  // RFC 6761: never exists
  const Outcome outcome = SendOver(*client, std::move(request));
  EXPECT_EQ(ErrorOf(outcome).code, ErrorCode::kUnavailable);
  EXPECT_NE(ErrorOf(outcome).message.find("'nowhere.invalid'"), std::string::npos);
  EXPECT_FALSE(outcome.exchange.sent);
}

TEST(HttpClientErrors, TheAnswerBreaksOffAtEveryByte) {
  const std::string body = "0123456789";
  // "HTTP/1.1 200 Scripted", "Content-Length: 10", an empty line and ten bytes: 55 in all.
  for (size_t cut = 0; cut < 55; cut += 3) {
    SCOPED_TRACE(cut);
    for (const bool reset : {false, true}) {
      HttpServer server(HttpServer::Script({{.body = body, .cut_after = cut, .reset = reset}}));
      const auto client = NewClient();
      const Outcome outcome = SendOver(*client, RequestTo(server));
      EXPECT_EQ(ErrorOf(outcome).code, ErrorCode::kUnavailable) << ErrorOf(outcome).message;
      EXPECT_TRUE(outcome.exchange.sent);
      // Never by itself: whether the first one took effect is unknown.
      EXPECT_EQ(server.requests().size(), 1U);
    }
  }
}

TEST(HttpClientErrors, AKeptConnectionThatDiesIsNotRetriedInSilence) {
  HttpServer server(HttpServer::Script({{.body = "x"}, {.cut_after = 0}, {.body = "y"}}));
  const auto client = NewClient();
  ASSERT_TRUE(SendOver(*client, RequestTo(server)).response);
  const Outcome outcome = SendOver(*client, RequestTo(server, "PUT"));
  EXPECT_EQ(ErrorOf(outcome).code, ErrorCode::kUnavailable);
  EXPECT_TRUE(outcome.exchange.sent);
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(SendOver(*client, RequestTo(server)).response->body, "y");
}

TEST(HttpClientErrors, TheTotalTimeRunsOut) {
  HttpServer server(HttpServer::Script({{.black_hole = true}}));
  const auto client = NewClient();
  Request request = RequestTo(server);
  request.timeouts.total = std::chrono::milliseconds(50);
  const Outcome outcome = SendOver(*client, std::move(request));
  EXPECT_EQ(ErrorOf(outcome).code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(client->in_flight(), 0U);
}

TEST(HttpClientErrors, AStalledAnswerEndsByItsRate) {
  HttpServer server(
      HttpServer::Script({{.body = std::string(1000, 'x'), .between_bytes = std::chrono::milliseconds(100)}}));
  const auto client = NewClient();
  Request request = RequestTo(server);
  request.timeouts.idle = std::chrono::seconds(1);
  request.timeouts.min_bytes_per_second = 1000;
  EXPECT_EQ(ErrorOf(SendOver(*client, std::move(request))).code, ErrorCode::kDeadlineExceeded);
}

TEST(HttpClientErrors, AByteNowAndThenIsNoSignOfLife) {
  HttpServer server(
      HttpServer::Script({{.body = std::string(1000, 'x'), .between_bytes = std::chrono::milliseconds(100)}}));
  const auto client = NewClient();
  Request request = RequestTo(server, "PUT");
  request.body = Body::From(std::make_shared<PatternSource>(100'000));
  request.timeouts.idle = std::chrono::seconds(1);
  const Outcome outcome = SendOver(*client, std::move(request));
  EXPECT_EQ(ErrorOf(outcome).code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(outcome.exchange.sent);
}

TEST(HttpClientErrors, NoAnswerMayTakeForEverEvenWhereDrippingIsAllowed) {
  HttpServer server(
      HttpServer::Script({{.body = std::string(1000, 'x'), .between_bytes = std::chrono::milliseconds(100)}}));
  for (const bool into_sink : {false, true}) {
    const auto client = NewClient();
    Request request = RequestTo(server);
    request.timeouts.connect = std::chrono::milliseconds(100);
    request.timeouts.idle = std::chrono::seconds(1);
    request.timeouts.min_bytes_per_second = 1;
    if (into_sink) request.sink = std::make_shared<TextSink>();
    EXPECT_EQ(ErrorOf(SendOver(*client, std::move(request))).code, ErrorCode::kDeadlineExceeded);
  }
}

TEST(HttpClientErrors, NoHttp) {
  HttpServer garbage(HttpServer::Script({{.headers = {{"x", std::string(300 << 10, 'x')}}}}));
  const auto client = NewClient();
  EXPECT_FALSE(SendOver(*client, RequestTo(garbage)).response);
}

TEST(HttpClientErrors, StopCancelsABlockedSend) {
  HttpServer server(HttpServer::Script({{.black_hole = true}}));
  const auto client = NewClient();
  std::stop_source stop;
  const std::jthread stopper([&] {
    EXPECT_TRUE(server.WaitForRequests(1));
    stop.request_stop();
  });
  EXPECT_EQ(ErrorOf(SendOver(*client, RequestTo(server), stop.get_token())).code, ErrorCode::kCancelled);
}

TEST(HttpClientErrors, NothingCanBeSmuggledIntoARequest) {
  HttpServer server(HttpServer::Script({{}}));
  const auto client = NewClient();
  const auto refused = [&](auto change) {
    Request request = RequestTo(server);
    change(request);
    return ErrorOf(SendOver(*client, std::move(request))).code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](Request& r) { r.headers = {{"x", "a\r\nevil: 1"}}; }));
  EXPECT_TRUE(refused([](Request& r) { r.headers = {{"x", "a\nevil: 1"}}; }));
  EXPECT_TRUE(refused([](Request& r) { r.headers = {{"x", std::string("a\0b", 3)}}; }));
  EXPECT_TRUE(refused([](Request& r) { r.headers = {{"x: y\r\nz", "a"}}; }));
  EXPECT_TRUE(refused([](Request& r) { r.headers = {{"", "a"}}; }));
  EXPECT_TRUE(refused([](Request& r) { r.headers = {{"x y", "a"}}; }));
  EXPECT_TRUE(refused([](Request& r) { r.path = "/a\r\nevil: 1"; }));
  EXPECT_TRUE(refused([](Request& r) { r.path = "/a HTTP/1.1"; }));
  EXPECT_TRUE(refused([](Request& r) { r.path = "/a?b"; }));
  EXPECT_TRUE(refused([](Request& r) { r.path = "/a#b"; }));
  EXPECT_TRUE(refused([](Request& r) { r.path = "@other/"; }));
  EXPECT_TRUE(refused([](Request& r) { r.path = ""; }));
  EXPECT_TRUE(refused([](Request& r) { r.query = "a b"; }));
  EXPECT_TRUE(refused([](Request& r) { r.query = "a\r\n"; }));
  EXPECT_TRUE(refused([](Request& r) { r.method = "GET /x HTTP/1.1\r\n"; }));
  EXPECT_TRUE(refused([](Request& r) { r.method = ""; }));
  EXPECT_TRUE(refused([](Request& r) { r.origin.host = "127.0.0.1@other"; }));
  EXPECT_TRUE(refused([](Request& r) { r.origin.host = "a/b"; }));
  EXPECT_TRUE(refused([](Request& r) { r.origin.host = ""; }));
  EXPECT_EQ(server.requests().size(), 0U);
  EXPECT_EQ(client->in_flight(), 0U);
}

}  // namespace
}  // namespace seshat::http
