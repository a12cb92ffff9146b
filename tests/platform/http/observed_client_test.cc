#include "platform/http/observed_client.h"

#include <gtest/gtest.h>

#include "platform/http/sender.h"
#include "support/fake_http_client.h"
#include "support/fakes.h"

namespace seshat::http {
namespace {

using testing::FakeClock;
using testing::FakeHttpClient;

Request SecretRequest() {
  Request request;
  request.method = "PUT";
  request.origin = {true, "store.example", 9000};
  request.path = "/bucket/key";
  request.query = "X-Amz-Signature=geheim-1";
  request.headers = {{"Authorization", "geheim-2"}, {"x-amz-security-token", "geheim-3"}};
  request.body = Body::Of("geheim-4");
  request.operation = "s3:PutObject";
  return request;
}

TEST(HttpObserved, OneTraceLineAndSomeNumbersWithoutSecrets) {
  FakeClock clock;
  testing::MemoryLogger logger;
  testing::MemoryMetrics metrics;
  const auto client = MakeObservedClient(
      std::make_unique<FakeHttpClient>(clock,
                                       [&](const Request&) {
                                         clock.Advance(std::chrono::milliseconds(250));
                                         Outcome outcome = testing::HttpAnswered(200, "geheim-5");
                                         outcome.exchange = {.attempts = 3, .bytes_sent = 8, .bytes_received = 9};
                                         return outcome;
                                       }),
      clock, &logger, &metrics);
  ASSERT_TRUE(SendOver(*client, SecretRequest()).response);
  for (const char* field : {"s3:PutObject", "PUT", "store.example:9000", "/bucket/key", "status=200", "attempts=3"})
    EXPECT_TRUE(logger.Holds(field)) << field;
  EXPECT_FALSE(logger.Holds("geheim"));
  EXPECT_EQ(metrics.Sum("seshat_http_requests_total"), 1);
  EXPECT_EQ(metrics.Sum("seshat_http_request_seconds"), 0.25);
  EXPECT_EQ(metrics.Sum("seshat_http_sent_bytes_total"), 8);
  EXPECT_EQ(metrics.Sum("seshat_http_received_bytes_total"), 9);
}

TEST(HttpObserved, AFailureHasItsReason) {
  FakeClock clock;
  testing::MemoryLogger logger;
  const auto client =
      MakeObservedClient(std::make_unique<FakeHttpClient>(
                             clock, [&](const Request&) { return testing::HttpFailed(ErrorCode::kUnavailable); }),
                         clock, &logger, nullptr);
  EXPECT_FALSE(SendOver(*client, SecretRequest()).response);
  EXPECT_TRUE(logger.Holds("the wire"));
  EXPECT_FALSE(logger.Holds("geheim"));
}

TEST(HttpObserved, EverythingElseIsPassedOn) {
  FakeClock clock;
  auto fake = std::make_unique<FakeHttpClient>(clock, [&](const Request&) { return std::nullopt; });
  FakeHttpClient& inner = *fake;
  const auto client = MakeObservedClient(std::move(fake), clock, nullptr, nullptr);
  std::optional<ErrorCode> code;
  const RequestId id = client->Start({}, [&](Outcome outcome) { code = outcome.response.error().code; });
  EXPECT_EQ(client->in_flight(), 1U);
  client->Resume(id);
  client->Wake();
  EXPECT_EQ(inner.resumed.size(), 1U);
  EXPECT_EQ(inner.wakes, 1);
  client->Cancel(id);
  client->Poll(std::chrono::seconds(1));
  EXPECT_EQ(code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace seshat::http
