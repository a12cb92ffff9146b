#include "platform/http_server/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "platform/http_server/raw_client.h"
#include "support/manual_clock.h"

namespace seshat::http_server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Router EchoRouter() {
  Router router;
  EXPECT_TRUE(router.Add("GET", "/hello/{name}", [](const Request& request) {
    return PlainText(200, "hello " + std::string(request.Parameter("name")));
  }));
  EXPECT_TRUE(router.Add("POST", "/echo", [](const Request& request) { return PlainText(200, request.body); }));
  EXPECT_TRUE(router.Add("GET", "/peer", [](const Request& request) { return PlainText(200, request.peer); }));
  EXPECT_TRUE(router.Add("GET", "/throws", [](const Request&) -> Response { throw std::runtime_error("secret"); }));
  EXPECT_TRUE(router.Add("GET", "/splits",
                         [](const Request&) { return Response{.headers = {{"Location", "/x\r\nSet-Cookie: a=b"}}}; }));
  EXPECT_TRUE(router.Add("GET", "/refuses", [](const Request&) { return Response{.status = 405}; }));
  return router;
}

std::unique_ptr<HttpServer> Serve(Router router, ServerOptions options = {}) {
  auto server = MakeHttpServer(std::move(options), std::move(router));
  EXPECT_TRUE(server) << server.error().ToString();
  return std::move(*server);
}

std::string Body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

TEST(HttpServer, AnswersWithWhatAHandlerMakes) {
  const auto server = Serve(EchoRouter());
  EXPECT_THAT(server->address(), StartsWith("127.0.0.1:"));
  const std::string answer = Get(server->address(), "/hello/a%20b");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Server:")));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello a b"));
  EXPECT_THAT(Body(Get(server->address(), "/peer")), StartsWith("127.0.0.1:"));
}

TEST(HttpServer, TellsTheTimeOfItsClock) {
  testing::ManualClock clock;
  const auto server = Serve(EchoRouter(), {.clock = &clock});
  EXPECT_THAT(Get(server->address(), "/hello/x"), HasSubstr(" GMT\r\n"));
}

TEST(HttpServer, AnswersHeadOptionsAndWhatIsNotThere) {
  const auto server = Serve(EchoRouter());
  const auto ask = [&](const std::string& line) {
    return Ask(server->address(), line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  };
  EXPECT_THAT(ask("HEAD /hello/x"), ::testing::AllOf(HasSubstr("Content-Length: 7\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ask("OPTIONS /echo"), ::testing::AllOf(StartsWith("HTTP/1.1 204 "), HasSubstr("Allow: OPTIONS, POST\r\n"),
                                                     Not(HasSubstr("Content-Length"))));
  EXPECT_THAT(ask("OPTIONS *"), StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(ask("GET /nothing"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("GET /hello/.."), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("DELETE /echo"),
              ::testing::AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: OPTIONS, POST\r\n")));
  EXPECT_THAT(ask("GET /refuses"), HasSubstr("Allow: GET, HEAD, OPTIONS\r\n"));
}

TEST(HttpServer, AHandlerThatFailsTellsNothing) {
  const auto server = Serve(EchoRouter());
  EXPECT_THAT(Get(server->address(), "/throws"),
              ::testing::AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("secret"))));
  EXPECT_THAT(Get(server->address(), "/splits"),
              ::testing::AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("Set-Cookie"))));
}

TEST(HttpServer, RefusalsHaveTheFormThatTheOptionsGive) {
  const auto server = Serve(EchoRouter(), {.refuse = [](const Refusal& refusal) {
                              return Response{.status = refusal.status,
                                              .headers = {{"Content-Type", "application/problem+json"}},
                                              .body = "{\"detail\":\"" + refusal.detail + "\"}"};
                            }});
  EXPECT_THAT(Get(server->address(), "/nothing"), EndsWith("{\"detail\":\"there is no such path\"}"));
  EXPECT_THAT(Ask(server->address(), "nonsense\r\n\r\n"), HasSubstr("application/problem+json"));
}

TEST(HttpServer, DnsRebindingReadsNothing) {
  const auto server = Serve(EchoRouter(), {.host_names = {"rig1.lab"}});
  const auto with_host = [&](const std::string& host) {
    return Ask(server->address(), "GET /hello/x HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  EXPECT_THAT(with_host("evil.example"), StartsWith("HTTP/1.1 421 "));
  EXPECT_THAT(with_host("rig1.lab:80"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask(server->address(),
                  "GET http://evil.example/hello/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 421 "));
}

TEST(HttpServer, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
  const auto server = Serve(EchoRouter());
  RawClient client(server->address());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /hello/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    requests += "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
    requests += "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
  }
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(client.ReadAnswer(), EndsWith("hello " + std::to_string(i)));
    EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(client.ReadAnswer(), EndsWith("abc"));
  }
  client.EndSending();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServer, SpeaksHttp10) {
  const auto server = Serve(EchoRouter());
  EXPECT_THAT(Ask(server->address(), "GET /hello/x HTTP/1.0\r\n\r\n"), EndsWith("hello x"));
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET /hello/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_THAT(client.ReadAnswer(), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(HttpServer, ReadsChunkedBodiesAndSaysContinue) {
  const auto server = Serve(EchoRouter());
  RawClient client(server->address());
  ASSERT_TRUE(
      client.Send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                  "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("3\r\nabc\r\n0\r\n\r\n"));
  EXPECT_THAT(client.ReadAnswer(), EndsWith("\r\n\r\nabc"));
}

TEST(HttpServer, RefusesABodyBeforeItIsSent) {
  const auto server = Serve(EchoRouter());
  const std::string rest = " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ";
  EXPECT_THAT(Ask(server->address(), "POST /nothing" + rest + "3\r\n\r\n"),
              ::testing::AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("Connection: close")));
  EXPECT_THAT(Ask(server->address(), "POST /echo" + rest + "2000000\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, AClientThatStillSendsReadsItsRefusal) {
  const auto server = Serve(EchoRouter());
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n"));
  client.Send(std::string(500'000, 'a'));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, ListensWhereItIsTold) {
  EXPECT_EQ(MakeHttpServer({.address = "localhost"}, {}).error().code, ErrorCode::kInvalidArgument);
  const auto server = Serve(EchoRouter());
  const auto port = static_cast<uint16_t>(std::stoi(server->address().substr(server->address().find(':') + 1)));
  EXPECT_EQ(MakeHttpServer({.port = port}, {}).error().code, ErrorCode::kAlreadyExists);
  const auto v6 = MakeHttpServer({.address = "[::1]"}, {});
  if (v6) {
    EXPECT_THAT((*v6)->address(), StartsWith("[::1]:"));
  }
}

TEST(HttpServer, ASlowHandlerHoldsUpNobodyElse) {
  std::promise<void> go;
  Router router = EchoRouter();
  ASSERT_TRUE(router.Add("GET", "/slow", [&, wait = go.get_future().share()](const Request&) {
    wait.wait();
    return PlainText(200, "slow");
  }));
  const auto server = Serve(std::move(router), {.limits = {.handler_threads = 2}});
  RawClient slow(server->address());
  ASSERT_TRUE(slow.Send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(Get(server->address(), "/hello/x"), EndsWith("hello x"));
  go.set_value();
  EXPECT_THAT(slow.ReadAnswer(), EndsWith("slow"));
}

TEST(HttpServer, WhatIsAnsweredAtOnceNeedsNoHandlerThread) {
  Router router;
  ASSERT_TRUE(router.Add("GET", "/slow", [](const Request&) { return PlainText(200, "slow"); }));
  ASSERT_TRUE(router.Add("GET", "/livez", [](const Request&) { return PlainText(200, "ok"); }, Runs::kAtOnce));
  // As where every thread is busy: nothing may wait for one.
  const auto server = Serve(std::move(router), {.limits = {.waiting_requests = 0}});
  RawClient refused(server->address());
  ASSERT_TRUE(refused.Send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(refused.ReadAnswer(), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(Get(server->address(), "/livez"), EndsWith("ok"));
}

TEST(HttpServer, StopAnswersWhatRunsAndClosesTheRest) {
  std::promise<void> began;
  std::promise<void> go;
  Router router = EchoRouter();
  ASSERT_TRUE(router.Add("GET", "/slow", [&](const Request&) {
    began.set_value();
    go.get_future().wait();
    return PlainText(200, "slow");
  }));
  const auto server = Serve(std::move(router));
  RawClient idle(server->address());
  ASSERT_TRUE(idle.Send("GET /hello/x HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  idle.ReadAnswer();
  RawClient slow(server->address());
  ASSERT_TRUE(slow.Send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  began.get_future().wait();
  std::jthread stopper([&] { server->Stop(); });
  EXPECT_EQ(idle.ReadToEnd(), "");
  go.set_value();
  EXPECT_THAT(slow.ReadAnswer(), ::testing::AllOf(HasSubstr("Connection: close"), EndsWith("slow")));
}

TEST(HttpServer, StopAsksHandlersThatTakeTooLongToEnd) {
  std::promise<void> began;
  Router router;
  ASSERT_TRUE(router.Add("GET", "/endless", [&](const Request& request) {
    std::promise<void> stopped;
    const std::stop_callback on_stop(request.stop, [&] { stopped.set_value(); });
    began.set_value();
    stopped.get_future().wait();
    return PlainText(200, "");
  }));
  const auto server = Serve(std::move(router), {.limits = {.drain_time = std::chrono::milliseconds(20)}});
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  began.get_future().wait();
  server->Stop();
  EXPECT_EQ(client.ReadToEnd(), "");
}

}  // namespace
}  // namespace seshat::http_server
