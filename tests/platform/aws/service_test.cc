// The whole stack against a server on loopback: signed, tried again, corrected, logged without secrets.
#include "platform/aws/service.h"

#include <gtest/gtest.h>

#include "support/fakes.h"
#include "support/http_server.h"

namespace seshat::aws {
namespace {

using testing::HttpAnswer;
using testing::HttpServer;
using testing::ReceivedRequest;

// A date of the test's own; waits between attempts (a millisecond) are real, since the client below is.
class DatedClock : public testing::FakeClock {
 public:
  using FakeClock::FakeClock;
  std::chrono::steady_clock::time_point SteadyNow() const override { return std::chrono::steady_clock::now(); }
};

class AwsService : public ::testing::Test {
 protected:
  std::unique_ptr<Service> Make() {
    ServiceOptions options;
    options.service = "s3";
    options.region = "eu-central-1";
    options.credentials = MakeStaticCredentials(
        {{"AKIDPLANTED", Secret("geheim-key"), Secret("geheim-token")}, std::nullopt, "the test"});
    options.retry.base = std::chrono::milliseconds(1);
    options.retry.throttled_base = std::chrono::milliseconds(1);
    options.clock = &clock_;
    options.random = &random_;
    options.logger = &logger_;
    options.metrics = &metrics_;
    return MakeService(std::move(options)).value();
  }
  static http::Request Get(const HttpServer& server) {
    http::Request request;
    request.origin = http::ParseUrl(server.url())->origin;
    request.path = "/bucket/key";
    request.operation = "s3:GetObject";
    return request;
  }

  DatedClock clock_{ParseTimestamp("2026-11-23T06:00:00Z").value()};
  testing::SeededRandom random_;
  testing::MemoryLogger logger_;
  testing::MemoryMetrics metrics_;
};

TEST_F(AwsService, AClockAnHourOffIsCorrectedForAllThatFollow) {
  HttpServer server([](const ReceivedRequest& request) -> HttpAnswer {
    const bool right = request.header("x-amz-date") == "20261123T070000Z";
    return {.status = right ? 200 : 403,
            .headers = {{"Date", "Mon, 23 Nov 2026 07:00:00 GMT"}},
            .body = right ? "data" : "<Error><Code>RequestTimeTooSkewed</Code></Error>"};
  });
  const auto service = Make();
  const auto first = service->MakeSender()->Send(Get(server));
  ASSERT_TRUE(first.response);
  EXPECT_EQ(first.response->body, "data");
  EXPECT_EQ(first.exchange.attempts, 2);
  EXPECT_EQ(service->MakeSender()->Send(Get(server)).exchange.attempts, 1);
}

TEST_F(AwsService, NoSecretIsLoggedWhateverHappens) {
  const std::string echo = "<Error><Code>InternalError</Code></Error>";
  HttpServer server(HttpServer::Script({{.status = 500, .body = echo},
                                        {.cut_after = 10, .reset = true},
                                        {.status = 503, .body = echo},
                                        {.status = 200}}));
  const auto sender = Make()->MakeSender();
  const auto outcome = sender->Send(Get(server));
  ASSERT_TRUE(outcome.response);
  EXPECT_EQ(outcome.exchange.attempts, 4);
  EXPECT_TRUE(outcome.exchange.unclear_before);
  EXPECT_TRUE(logger_.Holds("/bucket/key"));
  for (const ReceivedRequest& request : server.requests()) {
    EXPECT_EQ(request.header("x-amz-security-token"), "geheim-token");
    const std::string authorization = request.header("authorization");
    const std::string signature = authorization.substr(authorization.rfind('=') + 1);
    EXPECT_EQ(signature.size(), 64U);
    EXPECT_FALSE(logger_.Holds(signature));
  }
  EXPECT_FALSE(logger_.Holds("geheim"));
  EXPECT_EQ(metrics_.Sum("seshat_http_requests_total"), 1);
  EXPECT_EQ(metrics_.Sum("seshat_http_retries_total"), 3);
}

TEST_F(AwsService, APresignedUrlWorksWithoutASignatureHeader) {
  HttpServer server(HttpServer::Script({{.body = "data"}}));
  const auto service = Make();
  const auto url = service->Presign(Get(server), std::chrono::minutes(15));
  ASSERT_TRUE(url);
  const auto parts = http::ParseUrl(url->Expose()).value();
  EXPECT_EQ(parts.path, "/bucket/key");
  for (const char* part : {"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Date=20261123T060000Z", "X-Amz-Expires=900",
                           "X-Amz-SignedHeaders=host", "X-Amz-Security-Token=geheim-token", "X-Amz-Signature="})
    EXPECT_NE(parts.query.find(part), std::string::npos) << part;
  EXPECT_FALSE(service->Presign(Get(server), std::chrono::seconds(0)));
  EXPECT_FALSE(service->Presign(Get(server), std::chrono::days(8)));
}

TEST_F(AwsService, WhatIsMissingIsSaid) {
  EXPECT_FALSE(MakeService({}));
  EXPECT_FALSE(MakeService({.service = "s3", .region = "eu-central-1", .clock = &clock_, .random = &random_}));
}

}  // namespace
}  // namespace seshat::aws
