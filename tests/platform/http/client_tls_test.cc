// TLS: whom the client believes, and through what.
#include <gtest/gtest.h>

#include <csignal>

#include "platform/http/client_steps.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"

namespace seshat::http {
namespace {

using testing::HttpAnswer;
using testing::HttpServer;
using testing::ReceivedRequest;

class HttpTls : public ::testing::Test {
 protected:
  testing::TempDir directory_;
  testing::TestCertificates files_ = testing::MakeTestCertificates(directory_.path());
  HttpServer::Options tls_{files_.certificate_file, files_.key_file, {}};
  ClientOptions Trusting() const {
    ClientOptions options;
    options.ca_file = files_.ca_file;
    return options;
  }
};

TEST_F(HttpTls, ItsOwnAuthorityIsTrusted) {
  HttpServer server(HttpServer::Script({{.body = "secure"}}), tls_);
  const auto client = NewClient(Trusting());
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = SendOver(*client, RequestTo(server));
    ASSERT_TRUE(outcome.response) << outcome.response.error().ToString();
    EXPECT_EQ(outcome.response->body, "secure");
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(HttpTls, AnUnknownAuthorityIsRefusedWithAdvice) {
  HttpServer server(HttpServer::Script({{}}), tls_);
  const auto client = NewClient();
  const Outcome outcome = SendOver(*client, RequestTo(server));
  ASSERT_FALSE(outcome.response);
  EXPECT_EQ(outcome.response.error().code, ErrorCode::kUnauthenticated);
  EXPECT_NE(outcome.response.error().message.find("PEM file as ca_file"), std::string::npos);
  EXPECT_FALSE(outcome.exchange.sent);
  EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(HttpTls, ACertificateForAnotherNameIsRefused) {
  HttpServer server(HttpServer::Script({{}}), tls_);
  ClientOptions options = Trusting();
  const auto client = NewClient(options);
  Request request = RequestTo(server);
  request.origin.host = "127.0.0.2";
  const Outcome outcome = SendOver(*client, std::move(request));
  ASSERT_FALSE(outcome.response);
  // Only 127.0.0.1 listens; where 127.0.0.2 answers as well its name must not be believed.
  EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(HttpTls, TlsToAPlainServerAndPlainToATlsServer) {
  HttpServer plain(HttpServer::Script({{}}));
  HttpServer tls(HttpServer::Script({{}}), tls_);
  const auto client = NewClient(Trusting());
  Request request = RequestTo(plain);
  request.origin.tls = true;
  const Outcome outcome = SendOver(*client, std::move(request));
  ASSERT_FALSE(outcome.response);
  EXPECT_NE(outcome.response.error().message.find("TLS"), std::string::npos);
  request = RequestTo(tls);
  request.origin.tls = false;
  EXPECT_FALSE(SendOver(*client, std::move(request)).response);
}

TEST_F(HttpTls, AnAuthorityFileMustBeThere) {
  ClientOptions options;
  options.ca_file = directory_ / "none.pem";
  const auto client = MakeClient(options);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(HttpTls, AnAuthorityFileMustHoldCertificates) {
  testing::WriteFile(directory_ / "text.pem", "no certificate\n");
  HttpServer server(HttpServer::Script({{}}), tls_);
  ClientOptions options;
  options.ca_file = directory_ / "text.pem";
  const auto client = NewClient(options);
  const Outcome outcome = SendOver(*client, RequestTo(server));
  ASSERT_FALSE(outcome.response);
  EXPECT_EQ(outcome.response.error().code, ErrorCode::kInvalidArgument) << outcome.response.error().message;
  EXPECT_NE(outcome.response.error().message.find("ca_file"), std::string::npos);
}

// Writing to a connection that was reset raises SIGPIPE unless somebody sees to it; it would end the process.
TEST_F(HttpTls, AResetWhileSendingEndsOnlyTheRequest) {
  HttpServer::Options options = tls_;
  options.reset_body_at = [](const ReceivedRequest&) { return std::optional<uint64_t>(100'000); };
  HttpServer server(HttpServer::Script({{}}), options);
  std::signal(SIGPIPE, SIG_DFL);  // which the server above has ignored for its own sake
  const auto client = NewClient(Trusting());
  for (int i = 0; i < 5; ++i) {
    Request request = RequestTo(server, "PUT");
    request.body = Body::From(std::make_shared<PatternSource>(32 << 20));
    const Outcome outcome = SendOver(*client, std::move(request));
    ASSERT_FALSE(outcome.response);
    EXPECT_EQ(outcome.response.error().code, ErrorCode::kUnavailable);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

TEST_F(HttpTls, ThroughAProxysTunnel) {
  HttpServer server(HttpServer::Script({{.body = "secure"}}), tls_);
  HttpServer proxy([&](const ReceivedRequest&) { return HttpAnswer{.tunnel_to = server.port()}; });
  ClientOptions options = Trusting();
  options.proxy = proxy.url();
  const auto client = NewClient(options);
  Request request = RequestTo(server, "GET", "/secret/path");
  request.headers = {{"x-inner", "1"}};
  const Outcome outcome = SendOver(*client, std::move(request));
  ASSERT_TRUE(outcome.response) << outcome.response.error().ToString();
  EXPECT_EQ(outcome.response->body, "secure");
  const ReceivedRequest connect = proxy.requests().at(0);
  EXPECT_EQ(connect.method, "CONNECT");
  EXPECT_EQ(connect.target, "localhost:" + std::to_string(server.port()));
  // The proxy learns the server's name, nothing else.
  EXPECT_FALSE(connect.has_header("x-inner"));
}

TEST_F(HttpTls, AProxyThatRefuses) {
  HttpServer proxy(HttpServer::Script({{.status = 407}}));
  ClientOptions options = Trusting();
  options.proxy = proxy.url();
  const auto client = NewClient(options);
  Request request;
  request.origin = {true, "store.example", 0};
  const Outcome outcome = SendOver(*client, std::move(request));
  ASSERT_FALSE(outcome.response);
  EXPECT_EQ(outcome.response.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(outcome.exchange.sent);
}

}  // namespace
}  // namespace seshat::http
