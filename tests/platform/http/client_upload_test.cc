// Bodies: large ones, streamed ones, and those that fail.
#include <gtest/gtest.h>

#include <cstring>
#include <optional>

#include "core/digest/sha256.h"
#include "platform/http/client_steps.h"

namespace seshat::http {
namespace {

using testing::HttpServer;
using testing::ReceivedRequest;

TEST(HttpUpload, BodiesOfEverySizeArriveWhole) {
  HttpServer server(HttpServer::Script({{}}));
  const auto client = NewClient();
  for (const uint64_t size : {0U, 1U, 4096U, 65'535U, 65'536U, 65'537U, 262'144U, 262'145U, 1'048'577U}) {
    SCOPED_TRACE(size);
    const auto source = std::make_shared<PatternSource>(size);
    const std::string text = source->All();
    Request request = RequestTo(server, "PUT");
    request.body = Body::From(source);
    const Outcome streamed = SendOver(*client, request);
    ASSERT_TRUE(streamed.response) << streamed.response.error().ToString();
    EXPECT_EQ(streamed.exchange.bytes_sent, size);
    EXPECT_EQ(server.requests().back().body, text);
    EXPECT_FALSE(server.requests().back().has_header("expect"));
    EXPECT_FALSE(server.requests().back().has_header("transfer-encoding"));

    request.body = Body::Borrowed(AsBytes(text));
    ASSERT_TRUE(SendOver(*client, std::move(request)).response);
    EXPECT_EQ(server.requests().back().body, text);
    EXPECT_FALSE(server.requests().back().has_header("expect"));
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpUpload, ALargeOneIsStreamed) {
  HttpServer server(HttpServer::Script({{}}));
  const auto client = NewClient();
  const auto source = std::make_shared<PatternSource>(64 << 20);
  Request request = RequestTo(server, "POST");
  request.body = Body::From(source);
  ASSERT_TRUE(SendOver(*client, std::move(request)).response);
  const ReceivedRequest got = server.requests().at(0);
  EXPECT_EQ(got.method, "POST");
  EXPECT_EQ(got.body_bytes, uint64_t{64} << 20);
  EXPECT_EQ(got.body_sha256, Sha256::Of(AsBytes(source->All())).ToHex());
}

TEST(HttpUpload, ExpectContinueWhereItIsAskedFor) {
  HttpServer server(HttpServer::Script({{}}));
  const auto client = NewClient();
  Request request = RequestTo(server, "PUT");
  request.body = Body::From(std::make_shared<PatternSource>(2 << 20));
  request.expect_continue = true;
  ASSERT_TRUE(SendOver(*client, std::move(request)).response);
  EXPECT_EQ(server.requests().at(0).header("expect"), "100-continue");
  EXPECT_EQ(server.requests().at(0).body_bytes, uint64_t{2} << 20);
}

class FailingSource : public PatternSource {
 public:
  using PatternSource::PatternSource;
  Result<size_t> Read(MutableByteSpan out) override {
    if (++reads_ > 2) return Fail(ErrorCode::kSourceChanged, "the file became shorter");
    return PatternSource::Read(out);
  }

 private:
  int reads_ = 0;
};

TEST(HttpUpload, ASourceThatFailsEndsTheRequestWithItsError) {
  HttpServer server(HttpServer::Script({{}}));
  const auto client = NewClient();
  Request request = RequestTo(server, "PUT");
  request.body = Body::From(std::make_shared<FailingSource>(8 << 20));
  const Outcome outcome = SendOver(*client, std::move(request));
  ASSERT_FALSE(outcome.response);
  EXPECT_EQ(outcome.response.error().code, ErrorCode::kSourceChanged);
  EXPECT_EQ(server.requests().size(), 0U);
}

// Has bytes only when the test has put some there.
class WaitingSource : public BodySource {
 public:
  uint64_t size() const override { return 6; }
  Result<size_t> Read(MutableByteSpan out) override {
    ++reads;
    if (ready.empty()) return at_end ? 0 : kNotReady;
    const size_t count = std::min(out.size(), ready.size());
    std::memcpy(out.data(), ready.data(), count);
    ready.erase(0, count);
    return count;
  }
  Status Rewind() override { return {}; }
  std::string ready;
  bool at_end = false;
  int reads = 0;
};

TEST(HttpUpload, ASourceThatIsNotReadyIsAskedAgainAfterResume) {
  HttpServer server(HttpServer::Script({{.body = "x"}}));
  const auto client = NewClient();
  const auto source = std::make_shared<WaitingSource>();
  Request request = RequestTo(server, "PUT");
  request.body = Body::From(source);
  std::optional<Outcome> outcome;
  const RequestId id = client->Start(std::move(request), [&](Outcome o) { outcome.emplace(std::move(o)); });
  while (source->reads == 0) client->Poll(std::chrono::milliseconds(1));
  for (const std::string piece : {"abc", "def"}) {
    const int reads = source->reads;
    source->ready = piece;
    client->Resume(id);
    while (source->reads == reads) client->Poll(std::chrono::milliseconds(1));
  }
  source->at_end = true;
  client->Resume(id);
  while (!outcome) client->Poll(std::chrono::seconds(10));
  ASSERT_TRUE(outcome->response) << outcome->response.error().ToString();
  EXPECT_EQ(server.requests().at(0).body, "abcdef");
}

TEST(HttpUpload, AResetInTheMiddle) {
  HttpServer::Options options;
  options.reset_body_at = [](const ReceivedRequest&) { return std::optional<uint64_t>(1'000'000); };
  HttpServer server(HttpServer::Script({{}}), options);
  const auto client = NewClient();
  Request request = RequestTo(server, "PUT");
  request.body = Body::From(std::make_shared<PatternSource>(64 << 20));
  const Outcome outcome = SendOver(*client, std::move(request));
  ASSERT_FALSE(outcome.response);
  EXPECT_EQ(outcome.response.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(outcome.exchange.sent);
}

}  // namespace
}  // namespace seshat::http
