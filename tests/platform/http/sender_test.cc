#include "platform/http/sender.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "platform/http/client_steps.h"

namespace seshat::http {
namespace {

using testing::HttpAnswer;
using testing::HttpServer;
using testing::ReceivedRequest;

TEST(HttpSender, OneThreadUsesOneConnection) {
  HttpServer server(HttpServer::Script({{.body = "x"}}));
  const auto sender = MakeSender([] { return MakeClient({}); });
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sender->Send(RequestTo(server)).response);
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpSender, ManyThreadsAtOnce) {
  HttpServer server([](const ReceivedRequest& request) { return HttpAnswer{.body = request.path}; });
  int made = 0;
  const auto sender = MakeSender([&] {
    ++made;
    return MakeClient({});
  });
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          const std::string path = "/" + std::to_string(t) + "-" + std::to_string(i);
          const Outcome outcome = sender->Send(RequestTo(server, "GET", path));
          EXPECT_TRUE(outcome.response && outcome.response->body == path);
        }
      });
  }
  EXPECT_GE(made, 1);
  EXPECT_LE(made, 8);
  EXPECT_LE(server.connections(), 8U);
}

TEST(HttpSender, AClientThatCannotBeMadeIsTheOutcome) {
  const auto sender = MakeSender(
      []() -> Result<std::unique_ptr<Client>> { return Fail(ErrorCode::kInvalidArgument, "no such CA file"); });
  Request request;
  request.path = "/kept";
  const Outcome outcome = sender->Send(std::move(request));
  EXPECT_EQ(outcome.response.error().message, "no such CA file");
  EXPECT_EQ(outcome.request.path, "/kept");
}

TEST(HttpSender, StoppedBeforeItBegan) {
  HttpServer server(HttpServer::Script({{.black_hole = true}}));
  const auto sender = MakeSender([] { return MakeClient({}); });
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(sender->Send(RequestTo(server), stop.get_token()).response.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace seshat::http
