// The client against a scripted server on loopback.
#include "platform/http/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "platform/http/client_steps.h"

namespace seshat::http {
namespace {

using testing::HttpAnswer;
using testing::HttpServer;
using testing::ReceivedRequest;

TEST(HttpClient, SendsTheRequestAsItIsAndAddsNothingElse) {
  HttpServer server(HttpServer::Script({{.status = 201, .headers = {{"ETag", " \"x\" "}}, .body = "made"}}));
  const auto client = NewClient();
  Request request = RequestTo(server, "PUT", "/b/a//../x+y%20%2Fz");
  request.query = "uploads&b=%2F&a";
  request.headers = {{"X-One", "1"}, {"x-empty", ""}};
  request.body = Body::Of("hello");
  const Outcome outcome = SendOver(*client, std::move(request));

  ASSERT_TRUE(outcome.response) << outcome.response.error().ToString();
  EXPECT_EQ(outcome.response->status, 201);
  EXPECT_EQ(outcome.response->body, "made");
  EXPECT_EQ(outcome.response->headers.Get("etag"), "\"x\"");
  EXPECT_FALSE(outcome.response->headers.Find("x-none"));
  EXPECT_EQ(outcome.exchange.bytes_sent, 5U);
  EXPECT_EQ(outcome.exchange.bytes_received, 4U);
  EXPECT_TRUE(outcome.exchange.new_connection && outcome.exchange.sent);
  EXPECT_EQ(outcome.request.path, "/b/a//../x+y%20%2Fz");

  const ReceivedRequest got = server.requests().at(0);
  EXPECT_EQ(got.method, "PUT");
  EXPECT_EQ(got.target, "/b/a//../x+y%20%2Fz?uploads&b=%2F&a");
  EXPECT_EQ(got.body, "hello");
  std::set<std::string> names;
  for (const auto& [name, value] : got.headers) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"host", "x-one", "x-empty", "content-length"}));
  EXPECT_EQ(got.header("host"), "127.0.0.1:" + std::to_string(server.port()));
}

TEST(HttpClient, EveryMethodWithAndWithoutABody) {
  HttpServer server(HttpServer::Script({{.body = "answer"}}));
  const auto client = NewClient();
  for (int round = 0; round < 2; ++round) {
    for (const std::string method : {"PUT", "GET", "HEAD", "POST", "DELETE", "PATCH"}) {
      for (const std::string body : {"", "x"}) {
        if (method == "HEAD" && !body.empty()) continue;
        SCOPED_TRACE(method + " " + body);
        Request request = RequestTo(server, method);
        if (!body.empty()) request.body = Body::Of(body);
        const Outcome outcome = SendOver(*client, std::move(request));
        ASSERT_TRUE(outcome.response) << outcome.response.error().ToString();
        EXPECT_EQ(outcome.response->body, method == "HEAD" ? "" : "answer");
        const ReceivedRequest got = server.requests().back();
        EXPECT_EQ(got.method, method);
        EXPECT_EQ(got.body, body);
        EXPECT_FALSE(got.has_header("content-type"));
        // Without it, some servers wait for a body or refuse (411).
        EXPECT_TRUE(got.has_header("content-length") || (method != "PUT" && method != "POST"));
      }
    }
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpClient, KeepsOneConnectionForOneRequestAfterTheOther) {
  HttpServer server(HttpServer::Script({{.body = "x"}}));
  const auto client = NewClient();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(SendOver(*client, RequestTo(server)).response);
  EXPECT_EQ(server.connections(), 1U);
  Request fresh = RequestTo(server);
  fresh.fresh_connection = true;
  EXPECT_TRUE(SendOver(*client, std::move(fresh)).exchange.new_connection);
  EXPECT_EQ(server.connections(), 2U);
}

TEST(HttpClient, ManyRequestsAtOnceAndAgain) {
  HttpServer server([](const ReceivedRequest& request) { return HttpAnswer{.body = request.path}; });
  const auto client = NewClient();
  for (int round = 0; round < 3; ++round) {
    std::vector<Request> requests;
    for (int i = 0; i < 40; ++i) requests.push_back(RequestTo(server, "GET", "/" + std::to_string(i)));
    const auto outcomes = SendAll(*client, std::move(requests));
    for (int i = 0; i < 40; ++i) {
      ASSERT_TRUE(outcomes[static_cast<size_t>(i)].response);
      EXPECT_EQ(outcomes[static_cast<size_t>(i)].response->body, "/" + std::to_string(i));
    }
  }
  EXPECT_LE(server.connections(), 40U);
}

TEST(HttpClient, CallbacksMayStartAndCancel) {
  HttpServer server(HttpServer::Script({{.body = "x"}}));
  const auto client = NewClient();
  int ended = 0;
  int cancelled = 0;
  std::function<void()> next = [&] {
    client->Start(RequestTo(server), [&](Outcome outcome) {
      EXPECT_TRUE(outcome.response);
      if (++ended >= 20) return;
      next();
      const RequestId gone = client->Start(RequestTo(server), [&](Outcome other) {
        EXPECT_EQ(other.response.error().code, ErrorCode::kCancelled);
        ++cancelled;
      });
      client->Cancel(gone);
    });
  };
  next();
  while (client->in_flight() > 0) client->Poll(std::chrono::seconds(10));
  EXPECT_EQ(ended, 20);
  EXPECT_EQ(cancelled, 19);
}

TEST(HttpClient, ACancelledRequestAnswersSoWithTheNextPoll) {
  HttpServer server(HttpServer::Script({{.black_hole = true}}));
  const auto client = NewClient();
  std::optional<Outcome> outcome;
  const RequestId id =
      client->Start(RequestTo(server, "GET", "/slow"), [&](Outcome o) { outcome.emplace(std::move(o)); });
  while (server.requests().empty()) client->Poll(std::chrono::milliseconds(1));
  client->Cancel(id);
  client->Cancel(id + 100);  // unknown
  EXPECT_FALSE(outcome);
  EXPECT_EQ(client->in_flight(), 1U);
  client->Poll(std::chrono::seconds(10));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->response.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(outcome->exchange.sent);
  EXPECT_EQ(outcome->request.path, "/slow");
  EXPECT_EQ(client->in_flight(), 0U);
}

TEST(HttpClient, AClientMayGoWithRequestsInFlight) {
  HttpServer server(HttpServer::Script({{.black_hole = true}}));
  auto client = NewClient();
  bool called = false;
  client->Start(RequestTo(server), [&](const Outcome&) { called = true; });
  while (server.requests().empty()) client->Poll(std::chrono::milliseconds(1));
  client.reset();
  EXPECT_FALSE(called);
}

TEST(HttpClient, WakeEndsAPollFromAnotherThread) {
  const auto client = NewClient();
  const std::jthread waker([&] { client->Wake(); });
  client->Poll(std::chrono::hours(1));
  EXPECT_EQ(client->in_flight(), 0U);
}

TEST(HttpClient, ResponsesGoIntoASinkIfTheySucceed) {
  std::string large(3 << 20, 'x');
  HttpServer server(HttpServer::Script({{.body = large}, {.status = 404, .body = "no such thing"}}));
  const auto client = NewClient();
  const auto sink = std::make_shared<TextSink>();
  Request request = RequestTo(server);
  request.sink = sink;
  request.max_response_bytes = 100;
  const Outcome good = SendOver(*client, request);
  ASSERT_TRUE(good.response) << good.response.error().ToString();
  EXPECT_EQ(sink->text, large);
  EXPECT_EQ(sink->length, std::to_string(large.size()));
  EXPECT_EQ(good.response->body, "");
  EXPECT_EQ(good.exchange.bytes_received, large.size());

  const Outcome bad = SendOver(*client, request);
  ASSERT_TRUE(bad.response);
  EXPECT_EQ(bad.response->body, "no such thing");
  EXPECT_EQ(sink->begun, 1);
}

TEST(HttpClient, ASinkThatRefusesEndsTheRequestWithItsError) {
  HttpServer server(HttpServer::Script({{.body = "hello"}}));
  const auto client = NewClient();
  const auto sink = std::make_shared<TextSink>();
  Request request = RequestTo(server);
  request.sink = sink;
  sink->on_write = Fail(ErrorCode::kResourceExhausted, "disk full");
  EXPECT_EQ(SendOver(*client, request).response.error().message, "disk full");
  sink->on_begin = Fail(ErrorCode::kDataLoss, "wrong range");
  EXPECT_EQ(SendOver(*client, request).response.error().message, "wrong range");
}

TEST(HttpClient, ResponsesAboveTheirLimitAreRefused) {
  HttpServer server(HttpServer::Script({{.body = std::string(1000, 'x')}}));
  const auto client = NewClient();
  Request request = RequestTo(server);
  request.max_response_bytes = 1000;
  EXPECT_TRUE(SendOver(*client, request).response);
  request.max_response_bytes = 999;
  EXPECT_EQ(SendOver(*client, request).response.error().code, ErrorCode::kResourceExhausted);
}

TEST(HttpClient, RedirectsAreAnswersLikeOthers) {
  HttpServer server(HttpServer::Script({{.status = 307, .headers = {{"Location", "/elsewhere"}}}}));
  const auto client = NewClient();
  const Outcome outcome = SendOver(*client, RequestTo(server));
  ASSERT_TRUE(outcome.response);
  EXPECT_EQ(outcome.response->status, 307);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpClient, A503ClosesItsConnection) {
  HttpServer server(HttpServer::Script({{.status = 503}, {.status = 200}}));
  const auto client = NewClient();
  EXPECT_EQ(SendOver(*client, RequestTo(server)).response->status, 503);
  EXPECT_TRUE(SendOver(*client, RequestTo(server)).exchange.new_connection);
  EXPECT_FALSE(SendOver(*client, RequestTo(server)).exchange.new_connection);
}

TEST(HttpClient, GoesThroughAProxy) {
  HttpServer proxy(HttpServer::Script({{.body = "by proxy"}}));
  ClientOptions options;
  options.proxy = proxy.url();
  options.proxy_user = Secret("lab:geheim");
  options.no_proxy = "127.0.0.1";
  const auto client = NewClient(options);
  Request request;
  request.origin = {false, "store.example", 0};
  request.path = "/b/k%20x";
  const Outcome outcome = SendOver(*client, std::move(request));
  ASSERT_TRUE(outcome.response) << outcome.response.error().ToString();
  EXPECT_EQ(outcome.response->body, "by proxy");
  EXPECT_EQ(proxy.requests().at(0).target, "http://store.example/b/k%20x");
  EXPECT_EQ(proxy.requests().at(0).header("host"), "store.example");
  EXPECT_EQ(proxy.requests().at(0).header("proxy-authorization"), "Basic bGFiOmdlaGVpbQ==");

  HttpServer server(HttpServer::Script({{.body = "direct"}}));
  EXPECT_EQ(SendOver(*client, RequestTo(server)).response->body, "direct");
}

}  // namespace
}  // namespace seshat::http
