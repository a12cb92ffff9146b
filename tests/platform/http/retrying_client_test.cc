// Retries, on a fake client below and a clock that moves when Poll waits.
#include "platform/http/retrying_client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "platform/http/sender.h"
#include "support/fake_http_client.h"
#include "support/fakes.h"

namespace seshat::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeClock;
using testing::FakeHttpClient;
using testing::HttpAnswered;
using testing::HttpFailed;

// RandomUnit is as near to 1 as it gets: every wait is the longest one.
class HighestRandom : public Random {
 public:
  void Fill(MutableByteSpan out) override { std::ranges::fill(out, std::byte{0xff}); }
};

class HttpRetry : public ::testing::Test {
 protected:
  // `answers` come one after the other, the last one again and again.
  void Make(std::vector<Outcome> answers, RetryOptions options = {}) {
    auto script = std::make_shared<std::vector<Outcome>>(std::move(answers));
    MakeAnswering(
        [script, at = size_t{0}](const Request&) mutable {
          const Outcome& next = (*script)[std::min(at, script->size() - 1)];
          ++at;
          return Outcome{next.response, next.exchange, {}};
        },
        std::move(options));
  }
  void MakeAnswering(FakeHttpClient::Answer answer, RetryOptions options = {}) {
    auto fake = std::make_unique<FakeHttpClient>(clock_, std::move(answer));
    fake_ = fake.get();
    client_ = MakeRetryingClient(std::move(fake), std::move(options), clock_, random_);
  }
  Outcome Send(Request request = {}) { return SendOver(*client_, std::move(request)); }
  // Between the starts of the attempts, in whole milliseconds.
  std::vector<int64_t> Waits() const {
    std::vector<int64_t> out;
    for (size_t i = 1; i < fake_->started.size(); ++i)
      out.push_back(std::chrono::round<milliseconds>(fake_->started[i].at - fake_->started[i - 1].at).count());
    return out;
  }

  FakeClock clock_;
  HighestRandom random_;
  FakeHttpClient* fake_ = nullptr;
  std::unique_ptr<Client> client_;
};

TEST_F(HttpRetry, AnAnswerIsPassedOn) {
  for (const int status : {200, 204, 301, 400, 403, 404, 409, 412, 416, 501}) {
    Make({HttpAnswered(status, "body")});
    const Outcome outcome = Send();
    EXPECT_EQ(outcome.response->status, status);
    EXPECT_EQ(outcome.response->body, "body");
    EXPECT_EQ(outcome.exchange.attempts, 1);
    EXPECT_FALSE(outcome.exchange.unclear_before);
    EXPECT_EQ(fake_->started.size(), 1U);
  }
}

TEST_F(HttpRetry, PassingFaultsAreTriedAgain) {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    Make({HttpAnswered(status), HttpAnswered(200)});
    const Outcome outcome = Send();
    EXPECT_EQ(outcome.response->status, 200) << status;
    EXPECT_EQ(outcome.exchange.attempts, 2);
  }
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded}) {
    Make({HttpFailed(code), HttpAnswered(200)});
    EXPECT_EQ(Send().exchange.attempts, 2);
  }
  for (const ErrorCode code : {ErrorCode::kInvalidArgument, ErrorCode::kUnauthenticated, ErrorCode::kCancelled,
                               ErrorCode::kSourceChanged, ErrorCode::kResourceExhausted}) {
    Make({HttpFailed(code), HttpAnswered(200)});
    EXPECT_EQ(Send().response.error().code, code);
    EXPECT_EQ(fake_->started.size(), 1U);
  }
}

TEST_F(HttpRetry, WaitsDoubleUpToTheCap) {
  RetryOptions options;
  options.max_attempts = 10;
  options.cap = milliseconds(5000);
  Make({HttpAnswered(500)}, options);
  EXPECT_EQ(Send().response->status, 500);
  EXPECT_EQ(Waits(), (std::vector<int64_t>{100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000}));
}

TEST_F(HttpRetry, ThrottlingWaitsLongerAndTakesANewConnection) {
  Make({HttpAnswered(503), HttpAnswered(429), HttpAnswered(200)});
  const Outcome outcome = Send();
  EXPECT_EQ(Waits(), (std::vector<int64_t>{500, 1000}));
  EXPECT_FALSE(fake_->started[0].request.fresh_connection);
  EXPECT_TRUE(fake_->started[1].request.fresh_connection);
  EXPECT_TRUE(fake_->started[2].request.fresh_connection);
  EXPECT_FALSE(outcome.request.fresh_connection);
}

TEST_F(HttpRetry, WhatFellSilentIsTriedOnANewConnection) {
  Make({HttpFailed(ErrorCode::kDeadlineExceeded), HttpAnswered(200)});
  const Outcome outcome = Send();
  ASSERT_EQ(fake_->started.size(), 2U);
  EXPECT_TRUE(fake_->started[1].request.fresh_connection);
  EXPECT_FALSE(outcome.request.fresh_connection);
}

TEST_F(HttpRetry, EveryWaitIsDrawnFromNothingToTheWhole) {
  testing::SeededRandom seeded;
  auto fake = std::make_unique<FakeHttpClient>(clock_, [](const Request&) { return HttpAnswered(500); });
  fake_ = fake.get();
  RetryOptions options;
  options.max_attempts = 100;
  options.cap = milliseconds(100);
  client_ = MakeRetryingClient(std::move(fake), options, clock_, seeded);
  Send();
  const auto waits = Waits();
  ASSERT_EQ(waits.size(), 99U);
  EXPECT_LT(*std::ranges::min_element(waits), 10);
  EXPECT_GT(*std::ranges::max_element(waits), 90);
  EXPECT_LE(*std::ranges::max_element(waits), 101);
}

TEST_F(HttpRetry, AServersRetryAfterIsTheLeastThatIsWaited) {
  Make({HttpAnswered(503, "", {{"Retry-After", "7"}}), HttpAnswered(200)});
  Send();
  EXPECT_EQ(Waits(), (std::vector<int64_t>{7500}));
}

TEST_F(HttpRetry, ALongRetryAfterIsForTheCaller) {
  Make({HttpAnswered(503, "", {{"Retry-After", "121"}}), HttpAnswered(200)});
  EXPECT_EQ(Send().response->status, 503);
  EXPECT_EQ(fake_->started.size(), 1U);
}

TEST_F(HttpRetry, TheTotalTimeHoldsForAllAttempts) {
  Make({HttpAnswered(500)});
  Request request;
  request.timeouts.total = milliseconds(800);
  const Outcome outcome = Send(request);
  EXPECT_EQ(outcome.response->status, 500);
  EXPECT_EQ(Waits(), (std::vector<int64_t>{100, 200, 400}));
  EXPECT_EQ(fake_->started[0].request.timeouts.total, milliseconds(800));
  EXPECT_EQ(fake_->started[1].request.timeouts.total, milliseconds(700));
  EXPECT_EQ(fake_->started[3].request.timeouts.total, milliseconds(100));
  EXPECT_EQ(outcome.request.timeouts.total, milliseconds(800));
}

TEST_F(HttpRetry, ABudgetThatIsUsedUpEndsRetriesUntilRequestsSucceedAgain) {
  RetryOptions options;
  options.budget = std::make_shared<RetryBudget>();
  options.max_attempts = 3;
  bool down = true;
  MakeAnswering([&](const Request&) { return HttpAnswered(down ? 500 : 200); }, options);
  int attempts = 0;
  for (int i = 0; i < 100; ++i) attempts += Send().exchange.attempts;
  // 500 tokens, 5 for each retry.
  EXPECT_EQ(attempts, 200);
  EXPECT_EQ(Send().exchange.attempts, 1);
  down = false;
  for (int i = 0; i < 5; ++i) Send();
  down = true;
  EXPECT_EQ(Send().exchange.attempts, 2);
}

TEST_F(HttpRetry, ARetryThatSucceedsGivesBackWhatItTook) {
  RetryOptions options;
  bool odd = false;
  MakeAnswering([&](const Request&) { return HttpAnswered((odd = !odd) ? 500 : 200); }, options);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(Send().exchange.attempts, 2);
}

TEST_F(HttpRetry, WhatWasPutRightIsTriedAtOnceAndTwiceAtMost) {
  Outcome corrected = HttpAnswered(403);
  corrected.response->corrected = true;
  Make({corrected.response ? Outcome{corrected.response, {}, {}} : HttpAnswered(0)});
  const Outcome outcome = Send();
  EXPECT_EQ(outcome.response->status, 403);
  EXPECT_EQ(Waits(), (std::vector<int64_t>{0, 0}));
}

TEST_F(HttpRetry, AnAttemptWithoutAClearAnswerIsRemembered) {
  Make({HttpFailed(ErrorCode::kUnavailable, false), HttpAnswered(412)});
  EXPECT_FALSE(Send().exchange.unclear_before);  // never sent
  Make({HttpFailed(ErrorCode::kUnavailable, true), HttpAnswered(412)});
  EXPECT_TRUE(Send().exchange.unclear_before);
  Make({HttpAnswered(500), HttpAnswered(412)});
  EXPECT_TRUE(Send().exchange.unclear_before);
  Make({HttpAnswered(429), HttpAnswered(412)});
  EXPECT_FALSE(Send().exchange.unclear_before);
  Make({HttpAnswered(500), HttpAnswered(429), HttpAnswered(412)});
  EXPECT_TRUE(Send().exchange.unclear_before);
}

class CountingSource : public BodySource {
 public:
  uint64_t size() const override { return 1; }
  Result<size_t> Read(MutableByteSpan) override { return 0; }
  Status Rewind() override {
    ++rewinds;
    return answer;
  }
  int rewinds = 0;
  Status answer;
};

TEST_F(HttpRetry, ASourceIsRewoundBeforeAnotherAttempt) {
  Make({HttpAnswered(500), HttpAnswered(500), HttpAnswered(200)});
  const auto source = std::make_shared<CountingSource>();
  Request request;
  request.body = Body::From(source);
  EXPECT_EQ(Send(request).response->status, 200);
  EXPECT_EQ(source->rewinds, 2);
  source->answer = Fail(ErrorCode::kSourceChanged, "the file is gone");
  Make({HttpAnswered(500), HttpAnswered(200)});
  EXPECT_EQ(Send(request).response.error().code, ErrorCode::kSourceChanged);
}

TEST_F(HttpRetry, CancelledWhileItWaits) {
  Make({HttpAnswered(500), HttpAnswered(200)});
  std::optional<Outcome> outcome;
  Request request;
  request.path = "/kept";
  const RequestId id = client_->Start(request, [&](Outcome o) { outcome.emplace(std::move(o)); });
  client_->Poll(milliseconds(1));  // the first answer
  EXPECT_FALSE(outcome);
  EXPECT_EQ(client_->in_flight(), 1U);
  client_->Resume(id);  // of no effect
  client_->Cancel(id);
  client_->Cancel(id);
  client_->Poll(seconds(1));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->response.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(outcome->request.path, "/kept");
  EXPECT_EQ(client_->in_flight(), 0U);
  EXPECT_EQ(fake_->started.size(), 1U);
}

TEST_F(HttpRetry, CancelledInFlight) {
  MakeAnswering([](const Request&) { return std::nullopt; });
  std::optional<Outcome> outcome;
  const RequestId id = client_->Start({}, [&](Outcome o) { outcome.emplace(std::move(o)); });
  client_->Resume(id);
  EXPECT_EQ(fake_->resumed.size(), 1U);
  client_->Cancel(id);
  client_->Poll(seconds(1));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->response.error().code, ErrorCode::kCancelled);
}

TEST_F(HttpRetry, OneThatWaitsHoldsNobodyUp) {
  MakeAnswering([](const Request& request) { return request.path == "/bad" ? HttpAnswered(500) : HttpAnswered(200); });
  std::vector<std::string> order;
  const auto start = [&](std::string path) {
    Request request;
    request.path = path;
    client_->Start(request, [&, path](const Outcome&) { order.push_back(path); });
  };
  start("/bad");
  for (int i = 0; i < 3; ++i) {
    client_->Poll(milliseconds(10));
    start("/good");
  }
  while (client_->in_flight() > 0) client_->Poll(seconds(60));
  EXPECT_EQ(order, (std::vector<std::string>{"/good", "/good", "/good", "/bad"}));
}

TEST_F(HttpRetry, IsCountedAndSaid) {
  testing::MemoryLogger logger;
  testing::MemoryMetrics metrics;
  RetryOptions options;
  options.logger = &logger;
  options.metrics = &metrics;
  Make({HttpAnswered(503), HttpFailed(ErrorCode::kUnavailable), HttpAnswered(200)}, options);
  Request request;
  request.operation = "s3:PutObject";
  request.headers = {{"authorization", "geheim"}};
  Send(request);
  EXPECT_EQ(metrics.Sum("seshat_http_retries_total"), 2);
  EXPECT_TRUE(logger.Holds("s3:PutObject"));
  EXPECT_TRUE(logger.Holds("the wire"));
  EXPECT_FALSE(logger.Holds("geheim"));
}

}  // namespace
}  // namespace seshat::http
