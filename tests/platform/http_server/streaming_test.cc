// Bodies that are made while they are sent, and TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <future>
#include <thread>

#include "platform/http_server/http_server.h"
#include "platform/http_server/raw_client.h"
#include "platform/http_server/server_sent_event.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"

namespace seshat::http_server {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::unique_ptr<HttpServer> Serve(Handler handler, ServerOptions options = {}) {
  Router router;
  EXPECT_TRUE(router.Add("GET", "/", std::move(handler)));
  auto server = MakeHttpServer(std::move(options), std::move(router));
  EXPECT_TRUE(server) << server.error().ToString();
  return std::move(*server);
}

// `count` pieces of `size` bytes.
PulledBody Pieces(int count, size_t size,
                  std::shared_ptr<std::atomic<int>> made = std::make_shared<std::atomic<int>>(0)) {
  return {.next = [=]() -> Result<std::string> {
    return *made == count ? std::string() : std::string(size, static_cast<char>('a' + (*made)++ % 26));
  }};
}

TEST(HttpStreaming, PullsABodyPieceByPiece) {
  const auto server = Serve([](const Request&) { return Response{.body = Pieces(3, 4)}; });
  EXPECT_THAT(Get(server->address(), "/"), EndsWith("\r\n\r\n4\r\naaaa\r\n4\r\nbbbb\r\n4\r\ncccc\r\n0\r\n\r\n"));
  EXPECT_THAT(Ask(server->address(), "GET / HTTP/1.0\r\n\r\n"), EndsWith("\r\n\r\naaaabbbbcccc"));
  EXPECT_THAT(Ask(server->address(), "HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"),
              ::testing::AllOf(HasSubstr("Transfer-Encoding: chunked"), EndsWith("\r\n\r\n")));
}

TEST(HttpStreaming, ABodyOfKnownLengthKeepsTheConnection) {
  const auto server = Serve([](const Request&) {
    PulledBody body = Pieces(3, 4);
    body.bytes = 12;
    return Response{.body = std::move(body)};
  });
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  EXPECT_THAT(client.ReadAnswer(), EndsWith("aaaabbbbcccc"));
  EXPECT_THAT(client.ReadAnswer(), EndsWith("aaaabbbbcccc"));
}

TEST(HttpStreaming, ABodyThatFailsIsSeenToBeIncomplete) {
  const auto failing = [](std::optional<uint64_t> bytes) {
    return [bytes](const Request&) {
      const auto first = std::make_shared<bool>(true);
      return Response{.body = PulledBody{.next = [first]() -> Result<std::string> {
                                           if (std::exchange(*first, false)) return std::string("part");
                                           return Fail(ErrorCode::kUnavailable, "the store is away");
                                         },
                                         .bytes = bytes}};
    };
  };
  const auto chunked = Serve(failing(std::nullopt));
  EXPECT_THAT(Get(chunked->address(), "/"), EndsWith("4\r\npart\r\n"));
  const auto known = Serve(failing(10));
  EXPECT_THAT(Get(known->address(), "/"), EndsWith("\r\n\r\npart"));
  const auto too_long = Serve(failing(3));
  EXPECT_THAT(Get(too_long->address(), "/"), EndsWith("\r\n\r\n"));
}

TEST(HttpStreaming, ASlowClientHoldsThePullingBack) {
  constexpr int kPieces = 1'000;
  const auto made = std::make_shared<std::atomic<int>>(0);
  const auto server = Serve([=](const Request&) { return Response{.body = Pieces(kPieces, 64 << 10, made)}; });
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
  client.ReadUntil("\r\n\r\n");
  // Another client's whole download shows that the first one's had every chance to run ahead.
  RawClient other(server->address());
  EXPECT_LT(*made, kPieces);
  EXPECT_THAT(client.ReadToEnd(), EndsWith("0\r\n\r\n"));
  EXPECT_EQ(*made, kPieces);
}

TEST(HttpStreaming, PushesServerSentEvents) {
  std::promise<std::unique_ptr<BodyWriter>> begun;
  const auto server = Serve([&](const Request&) {
    return Response{
        .headers = {{"Content-Type", "text/event-stream"}},
        .body = PushedBody{.begin = [&](std::unique_ptr<BodyWriter> writer) { begun.set_value(std::move(writer)); }}};
  });
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), HasSubstr("text/event-stream"));
  const std::unique_ptr<BodyWriter> writer = begun.get_future().get();
  EXPECT_EQ(writer->Write(EncodeServerSentEvent({.data = "one"})), BodyWriter::Outcome::kTaken);
  EXPECT_EQ(client.ReadUntil("\n\n\r\n"), "b\r\ndata: one\n\n\r\n");
  EXPECT_EQ(writer->Write(EncodeServerSentEvent({.data = "two"})), BodyWriter::Outcome::kTaken);
  EXPECT_EQ(client.ReadUntil("\n\n\r\n"), "b\r\ndata: two\n\n\r\n");
  writer->End();
  EXPECT_EQ(client.ReadUntil("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_EQ(writer->Write("x"), BodyWriter::Outcome::kClosed);
}

TEST(HttpStreaming, ASlowClientHoldsThePushingBack) {
  std::promise<std::unique_ptr<BodyWriter>> begun;
  const auto server = Serve([&](const Request&) {
    return Response{
        .body = PushedBody{.begin = [&](std::unique_ptr<BodyWriter> writer) { begun.set_value(std::move(writer)); }}};
  });
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
  const std::unique_ptr<BodyWriter> writer = begun.get_future().get();
  const std::string piece(32 << 10, 'a');
  size_t taken = 0;
  // Until the kernel's buffers and ours are full: waiting for room gets nothing any more.
  while (taken < (1u << 30)) {
    if (writer->Write(piece) == BodyWriter::Outcome::kTaken) {
      ++taken;
    } else if (!writer->WaitForRoom(milliseconds(100), {})) {
      break;
    }
  }
  EXPECT_FALSE(writer->closed());
  client.ReadUntil(piece);
  std::jthread reader([&] { client.ReadToEnd(); });
  EXPECT_TRUE(writer->WaitForRoom(milliseconds(10'000), {}));
  writer->End();
}

TEST(HttpStreaming, AWriterLearnsThatTheClientIsGone) {
  std::promise<std::unique_ptr<BodyWriter>> begun;
  auto server = Serve([&](const Request&) {
    return Response{
        .body = PushedBody{.begin = [&](std::unique_ptr<BodyWriter> writer) { begun.set_value(std::move(writer)); }}};
  });
  std::unique_ptr<BodyWriter> writer;
  {
    RawClient client(server->address());
    ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    writer = begun.get_future().get();
  }
  // Room there is at once; a closed body never has any.
  while (!writer->closed()) std::this_thread::yield();
  EXPECT_FALSE(writer->WaitForRoom(milliseconds(10'000), {}));
  server.reset();
  EXPECT_EQ(writer->Write("late"), BodyWriter::Outcome::kClosed);
}

TEST(HttpStreaming, SendsHeartbeats) {
  std::promise<std::unique_ptr<BodyWriter>> begun;
  const auto server = Serve(
      [&](const Request&) {
        return Response{.body = PushedBody{.begin = [&](auto writer) { begun.set_value(std::move(writer)); },
                                           .heartbeat = std::string(kServerSentHeartbeat),
                                           .heartbeat_after = milliseconds(20)}};
      },
      {.limits = {.head_time = milliseconds(40)}});
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  client.ReadUntil("\r\n\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.ReadUntil("\n\n\r\n"), "3\r\n:\n\n\r\n");
}

TEST(HttpStreaming, StopEndsPushedBodies) {
  std::promise<std::unique_ptr<BodyWriter>> begun;
  const auto server = Serve([&](const Request&) {
    return Response{
        .body = PushedBody{.begin = [&](std::unique_ptr<BodyWriter> writer) { begun.set_value(std::move(writer)); }}};
  });
  RawClient client(server->address());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  const auto writer = begun.get_future().get();
  std::jthread stopper([&] { server->Stop(); });
  EXPECT_THAT(client.ReadToEnd(), EndsWith("0\r\n\r\n"));
  EXPECT_TRUE(writer->closed());
}

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// The whole answer; empty where the handshake fails.
std::string AskTls(const std::string& address, const std::filesystem::path& ca, int newest) {
  const RawClient client(address);
  const std::unique_ptr<SSL_CTX, FreeSsl> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_load_verify_locations(context.get(), ca.c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), newest);
  const std::unique_ptr<SSL, FreeSsl> ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), client.descriptor());
  if (SSL_connect(ssl.get()) != 1) return {};
  const std::string request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  EXPECT_GT(SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())), 0);
  std::string answer;
  char bytes[4096];
  for (int got = 0; (got = SSL_read(ssl.get(), bytes, sizeof bytes)) > 0;)
    answer.append(bytes, static_cast<size_t>(got));
  EXPECT_EQ(SSL_get_shutdown(ssl.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
  return answer;
}

TEST(HttpServerTls, SpeaksTls12AndNewer) {
  const testing::TempDir directory;
  const testing::TestCertificates files = testing::MakeTestCertificates(directory.path());
  const auto server = Serve([](const Request&) { return Response{.body = Pieces(100, 10'000)}; },
                            {.tls = TlsFiles{files.certificate_file, files.key_file}});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::string answer = AskTls(server->address(), files.ca_file, version);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
    EXPECT_GT(answer.size(), 1'000'000u);
    EXPECT_THAT(answer, EndsWith("0\r\n\r\n"));
  }
  EXPECT_EQ(AskTls(server->address(), files.ca_file, TLS1_1_VERSION), "");
}

TEST(HttpServerTls, RefusesClientsThatSpeakPlainHttp) {
  const testing::TempDir directory;
  const testing::TestCertificates files = testing::MakeTestCertificates(directory.path());
  const auto server =
      Serve([](const Request&) { return PlainText(200, "secret"); },
            {.tls = TlsFiles{files.certificate_file, files.key_file}, .limits = {.head_time = milliseconds(50)}});
  EXPECT_THAT(Get(server->address(), "/"), ::testing::Not(HasSubstr("secret")));
  EXPECT_EQ(RawClient(server->address()).ReadToEnd(), "") << "a handshake has its time too";
}

TEST(HttpServerTls, SaysWhichFileCannotBeUsed) {
  const testing::TempDir directory;
  const testing::TestCertificates files = testing::MakeTestCertificates(directory.path());
  const auto no_certificate = MakeHttpServer({.tls = TlsFiles{"/nowhere.pem", files.key_file}}, {});
  EXPECT_EQ(no_certificate.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(no_certificate.error().message, HasSubstr("/nowhere.pem"));
  EXPECT_FALSE(MakeHttpServer({.tls = TlsFiles{files.certificate_file, files.ca_file}}, {}));
}

}  // namespace
}  // namespace seshat::http_server
