#include "adapters/http_status/http_status.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <string>

#include "platform/posix/unique_fd.h"

namespace seshat::http_status {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

posix::UniqueFd Connect(const std::string& address) {
  posix::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  const timeval limit{10, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return fd;
}

std::string ReadToEnd(const posix::UniqueFd& fd) {
  std::string all;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0;)
    all.append(buffer, static_cast<size_t>(got));
  return all;
}

std::string Ask(const std::string& address, const std::string& request) {
  const posix::UniqueFd fd = Connect(address);
  EXPECT_EQ(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
  return ReadToEnd(fd);
}

std::string Get(const std::string& address, const std::string& path) {
  return Ask(address, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(HttpStatus, ServesMetricsLivenessAndReadiness) {
  std::atomic<bool> ready = false;
  auto server = MakeHttpStatus({.metrics = [] { return std::string("seshat_x 1\n"); },
                                .ready = [&]() -> Status {
                                  if (ready) return {};
                                  return Fail(ErrorCode::kUnavailable, "the store is away");
                                }});
  ASSERT_TRUE(server) << server.error().ToString();
  const std::string address = (*server)->address();
  EXPECT_THAT(address, StartsWith("127.0.0.1:"));
  EXPECT_THAT(Get(address, "/livez"), StartsWith("HTTP/1.1 200 "));
  const std::string metrics = Get(address, "/metrics?x=1");
  EXPECT_THAT(metrics, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics, EndsWith("\r\n\r\nseshat_x 1\n"));
  EXPECT_THAT(Get(address, "/readyz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(Get(address, "/readyz"), EndsWith("the store is away\n"));
  ready = true;
  EXPECT_THAT(Get(address, "/readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpStatus, RefusesWhatItDoesNotServe) {
  auto server = MakeHttpStatus({});
  ASSERT_TRUE(server);
  const std::string address = (*server)->address();
  EXPECT_THAT(Get(address, "/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get(address, "/../etc/passwd"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask(address, "POST /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Ask(address, "HEAD /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), EndsWith("\r\n\r\n"));
  EXPECT_EQ(Ask(address, "this is no HTTP\r\n\r\n"), "");
  EXPECT_EQ(Ask(address, "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n"), "");
}

TEST(HttpStatus, ClosesConnectionsThatSayNothing) {
  auto server = MakeHttpStatus({.timeout = std::chrono::milliseconds(50)});
  ASSERT_TRUE(server);
  EXPECT_EQ(ReadToEnd(Connect((*server)->address())), "");
}

TEST(HttpStatus, TakesOnlySoManyConnections) {
  auto server = MakeHttpStatus({.max_connections = 2});
  ASSERT_TRUE(server);
  const std::string address = (*server)->address();
  const std::string request = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  // Two that stay open after their answer.
  const posix::UniqueFd first = Connect(address);
  const posix::UniqueFd second = Connect(address);
  for (const posix::UniqueFd* fd : {&first, &second}) {
    ASSERT_GT(::send(fd->get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
    char buffer[4096];
    ASSERT_GT(::recv(fd->get(), buffer, sizeof buffer, 0), 0);
  }
  EXPECT_EQ(ReadToEnd(Connect(address)), "");
}

TEST(HttpStatus, EndsWhileClientsAreConnected) {
  auto server = MakeHttpStatus({});
  ASSERT_TRUE(server);
  const posix::UniqueFd idle = Connect((*server)->address());
  server->reset();
  EXPECT_EQ(ReadToEnd(idle), "");
}

TEST(HttpStatus, SaysWhyItCannotListen) {
  EXPECT_EQ(MakeHttpStatus({.address = "localhost"}).error().code, ErrorCode::kInvalidArgument);
  auto server = MakeHttpStatus({});
  ASSERT_TRUE(server);
  const std::string address = (*server)->address();
  const auto port = static_cast<uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
  EXPECT_EQ(MakeHttpStatus({.port = port}).error().code, ErrorCode::kAlreadyExists);
}

}  // namespace
}  // namespace seshat::http_status
