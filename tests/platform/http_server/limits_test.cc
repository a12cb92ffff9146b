// Clients that are slow, silent or too many.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "platform/http_server/http_server.h"
#include "platform/http_server/raw_client.h"

namespace seshat::http_server {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kLivez = "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

std::unique_ptr<HttpServer> Serve(ServerLimits limits, Handler handler = nullptr) {
  Router router;
  EXPECT_TRUE(router.Add("GET", "/livez", handler ? handler : [](const Request&) { return PlainText(200, "ok\n"); }));
  EXPECT_TRUE(router.Add("POST", "/livez", [](const Request&) { return PlainText(200, "posted\n"); }));
  auto server = MakeHttpServer({.limits = limits}, std::move(router));
  EXPECT_TRUE(server) << server.error().ToString();
  return std::move(*server);
}

TEST(HttpServerLimits, ClosesConnectionsThatSayNothing) {
  const auto server = Serve({.idle_time = milliseconds(50)});
  EXPECT_EQ(RawClient(server->address()).ReadToEnd(), "");
  RawClient client(server->address());
  ASSERT_TRUE(client.Send(kLivez));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServerLimits, SlowlorisIsCutOff) {
  const auto server = Serve({.head_time = milliseconds(50), .body_time = milliseconds(50)});
  EXPECT_THAT(Ask(server->address(), "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: b\r\n"),
              StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(Ask(server->address(), "POST /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nab"),
              StartsWith("HTTP/1.1 408 "));
  // A byte now and then buys no time.
  RawClient drip(server->address());
  drip.Send("GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
  timeval limit{0, 1'000};
  ::setsockopt(drip.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::string answer;
  for (int i = 0; i < 5'000 && answer.empty(); ++i) {
    drip.Send("a");
    answer = drip.ReadUntil("\r\n\r\n");
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
}

TEST(HttpServerLimits, AClientThatTakesNothingIsCutOff) {
  const auto server = Serve({.write_time = milliseconds(50), .idle_time = milliseconds(300)},
                            [](const Request&) { return PlainText(200, std::string(64 << 20, 'a')); });
  RawClient client(server->address());
  ASSERT_TRUE(client.Send(kLivez));
  const std::string head = client.ReadUntil("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Length: 67108864"));
  // A silent connection is closed later than that: when it is, the time of the first is over.
  EXPECT_EQ(RawClient(server->address()).ReadToEnd(), "");
  EXPECT_LT(client.ReadToEnd().size(), 64u << 20);
}

TEST(HttpServerLimits, AHandlerThatTakesTooLongIsAnsweredFor) {
  std::promise<void> go;
  const auto server = Serve({.handler_time = milliseconds(50)}, [&](const Request&) {
    go.get_future().wait();
    return PlainText(200, "late");
  });
  EXPECT_THAT(Ask(server->address(), kLivez), StartsWith("HTTP/1.1 503 "));
  go.set_value();
}

TEST(HttpServerLimits, RefusesRequestsThatWouldWaitTooLong) {
  std::promise<void> go;
  std::promise<void> began;
  std::once_flag once;
  const auto server =
      Serve({.handler_threads = 1, .waiting_requests = 1}, [&, wait = go.get_future().share()](const Request&) {
        std::call_once(once, [&] { began.set_value(); });
        wait.wait();
        return PlainText(200, "ok");
      });
  RawClient first(server->address());
  ASSERT_TRUE(first.Send(kLivez));
  began.get_future().wait();
  // One of these waits, the other one is refused.
  std::vector<std::unique_ptr<RawClient>> others;
  std::vector<pollfd> answers;
  for (int i = 0; i < 2; ++i) {
    others.push_back(std::make_unique<RawClient>(server->address()));
    ASSERT_TRUE(others.back()->Send(kLivez));
    answers.push_back({others.back()->descriptor(), POLLIN, 0});
  }
  ASSERT_EQ(::poll(answers.data(), answers.size(), 10'000), 1);
  const size_t refused = (answers[0].revents & POLLIN) != 0 ? 0 : 1;
  EXPECT_THAT(others[refused]->ReadToEnd(), StartsWith("HTTP/1.1 503 "));
  go.set_value();
  EXPECT_THAT(others[1 - refused]->ReadAnswer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServerLimits, ClosesConnectionsThatHadTheirShare) {
  const auto server = Serve({.requests_per_connection = 2});
  RawClient client(server->address());
  ASSERT_TRUE(client.Send(kLivez + kLivez + kLivez));
  EXPECT_THAT(client.ReadAnswer(), ::testing::Not(HasSubstr("Connection: close")));
  EXPECT_THAT(client.ReadAnswer(), HasSubstr("Connection: close"));
  EXPECT_EQ(client.ReadToEnd(), "");
  const auto aged = Serve({.connection_age = milliseconds(0)});
  EXPECT_THAT(Ask(aged->address(), kLivez), HasSubstr("Connection: close"));
}

// Finding F18: 32 connections that were kept alive took /livez away from everybody else.
TEST(HttpServerLimits, IdleConnectionsDoNotTakeLivezAway) {
  const auto server = Serve({.connections = 32});
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 32; ++i) {
    idle.push_back(std::make_unique<RawClient>(server->address()));
    ASSERT_TRUE(idle.back()->Send(kLivez));
    ASSERT_THAT(idle.back()->ReadAnswer(), StartsWith("HTTP/1.1 200 "));
  }
  RawClient fresh(server->address());
  ASSERT_TRUE(fresh.Send(kLivez));
  EXPECT_THAT(fresh.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(idle.front()->ReadToEnd(), "") << "the one that waited longest makes room";
  ASSERT_TRUE(idle.back()->Send(kLivez));
  EXPECT_THAT(idle.back()->ReadAnswer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServerLimits, UnfinishedRequestsDoNotTakeLivezAway) {
  const auto server = Serve({.connections = 32});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<RawClient>(server->address()));
    ASSERT_TRUE(slow.back()->Send("GET /livez HTTP/1.1\r\nX: "));
  }
  EXPECT_THAT(Ask(server->address(), "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServerLimits, WhatIsBeingAnsweredIsNotClosedForANewOne) {
  std::promise<void> go;
  std::promise<void> began;
  const auto server = Serve({.connections = 1}, [&](const Request&) {
    began.set_value();
    go.get_future().wait();
    return PlainText(200, "ok");
  });
  RawClient first(server->address());
  ASSERT_TRUE(first.Send(kLivez));
  began.get_future().wait();
  EXPECT_EQ(RawClient(server->address()).ReadToEnd(), "");
  go.set_value();
  EXPECT_THAT(first.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServerLimits, AnAnswerWithoutEndMakesRoomWhereNothingElseDoes) {
  std::promise<std::unique_ptr<BodyWriter>> begun;
  const auto server = Serve({.write_time = milliseconds(50), .connections = 1}, [&](const Request&) {
    return Response{.body = PushedBody{.begin = [&](auto writer) { begun.set_value(std::move(writer)); },
                                       .heartbeat = "beat",
                                       .heartbeat_after = milliseconds(60)}};
  });
  RawClient endless(server->address());
  ASSERT_TRUE(endless.Send(kLivez));
  endless.ReadUntil("beat");  // write_time is over
  RawClient fresh(server->address());
  EXPECT_THAT(endless.ReadToEnd(), StartsWith("\r\n"));
  ASSERT_TRUE(fresh.Send("POST /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(fresh.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServerLimits, AFloodOfRefusalsHoldsUpNobodyElse) {
  const auto server = Serve({});
  RawClient flood(server->address());
  std::string requests;
  while (requests.size() < (1 << 20)) requests += "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  std::jthread reader([&] { flood.ReadToEnd(); });
  ASSERT_TRUE(flood.Send(requests));
  EXPECT_THAT(Ask(server->address(), "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  flood.EndSending();
}

long ResidentKiB() {
  std::ifstream statm("/proc/self/statm");
  long size = 0;
  long resident = 0;
  statm >> size >> resident;
  return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

// The other end of many connections, in a process of its own: both ends are more descriptors than one may have.
// Each asks once and stays; `done` is written to when all have their answer.
[[noreturn]] void HoldConnections(int port_from, int done, int count) {
  std::string address(32, '\0');
  const ssize_t got = ::read(port_from, address.data(), address.size());
  if (got <= 0) ::_exit(1);
  address.resize(static_cast<size_t>(got));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(address));
    if (!clients.back()->Send(kLivez) || clients.back()->ReadAnswer().empty()) ::_exit(1);
  }
  if (::write(done, "x", 1) != 1) ::_exit(1);
  char byte = 0;
  while (::read(port_from, &byte, 1) > 0) {
  }
  ::_exit(0);
}

TEST(HttpServerLimits, TenThousandIdleConnections) {
  constexpr int kMany = 10'000;
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_max < kMany + 100) GTEST_SKIP() << "the machine allows " << files.rlim_max << " open files only";
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  int to_child[2];
  int from_child[2];
  ASSERT_EQ(::pipe2(to_child, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(from_child, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(to_child[1]);
    HoldConnections(to_child[0], from_child[1], kMany);
  }
  posix::UniqueFd address_to(to_child[1]);
  const posix::UniqueFd done(from_child[0]);
  ::close(to_child[0]);
  ::close(from_child[1]);
  const auto server = Serve({.idle_time = milliseconds(600'000), .connections = kMany + 10});
  Ask(server->address(), "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  const long before = ResidentKiB();
  const std::string address = server->address();
  ASSERT_GT(::write(address_to.get(), address.data(), address.size()), 0);
  char byte = 0;
  ASSERT_EQ(::read(done.get(), &byte, 1), 1) << "a client was refused";
  const long grown = ResidentKiB() - before;
  RecordProperty("bytes_per_connection", std::to_string(grown * 1024 / kMany));
  std::printf("%d idle connections: %ld KiB, %ld bytes each\n", kMany, grown, grown * 1024 / kMany);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(grown, kMany * 4) << "4 KiB each";
#endif
  RawClient another(server->address());
  ASSERT_TRUE(another.Send(kLivez));
  EXPECT_THAT(another.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
  address_to.Reset();
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace seshat::http_server
