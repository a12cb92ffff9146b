// What the signing client adds, and what it puts right, on a fake client below.
#include "platform/aws/signing_client.h"

#include <gtest/gtest.h>

#include "core/digest/sha256.h"
#include "platform/http/sender.h"
#include "support/fake_http_client.h"

namespace seshat::aws {
namespace {

using http::Body;
using http::Outcome;
using http::Request;
using testing::FakeClock;
using testing::FakeHttpClient;
using testing::HttpAnswered;

Credentials Keys(std::string id) {
  return {{std::move(id), Secret("geheim"), Secret("token")}, std::nullopt, "the test"};
}

// Gives out the next ones when those it gave are refused.
class Renewing : public CredentialsProvider {
 public:
  Result<CredentialsPtr> Get(std::stop_token) override {
    if (broken) return Fail(ErrorCode::kUnauthenticated, "no credentials anywhere");
    return current;
  }
  void Refuse(const CredentialsPtr& used) override {
    refused.push_back(used->keys.access_key_id);
    if (used == current && can_renew) current = std::make_shared<const Credentials>(Keys("SECOND"));
  }
  CredentialsPtr current = std::make_shared<const Credentials>(Keys("FIRST"));
  std::vector<std::string> refused;
  bool can_renew = true;
  bool broken = false;
};

class AwsSigning : public ::testing::Test {
 protected:
  std::unique_ptr<http::Client> Make(std::string service, FakeHttpClient::Answer answer) {
    auto fake = std::make_unique<FakeHttpClient>(clock_, std::move(answer));
    fake_ = fake.get();
    const PathRule rule = service == "s3" ? PathRule::kS3 : PathRule::kNormalized;
    return MakeSigningClient(std::move(fake), {{"eu-central-1", service, rule}, credentials_, server_clock_});
  }
  // The headers of the n-th request that reached the wire.
  std::string Sent(size_t n, std::string_view name) const {
    for (const auto& [key, value] : fake_->started.at(n).request.headers)
      if (key == name) return value;
    return "";
  }

  FakeClock clock_{ParseTimestamp("2026-11-23T06:00:00Z").value()};
  std::shared_ptr<ServerClock> server_clock_ = std::make_shared<ServerClock>(clock_);
  std::shared_ptr<Renewing> credentials_ = std::make_shared<Renewing>();
  FakeHttpClient* fake_ = nullptr;
};

Request Put(bool tls, std::string body) {
  Request request;
  request.method = "PUT";
  request.origin = {tls, "b.s3.amazonaws.com", 0};
  request.path = "/k%20x";
  request.headers = {{"Content-Type", "text/plain"}, {"Expect", "100-continue"}, {"traceparent", "00-1"}};
  request.body = Body::Of(std::move(body));
  return request;
}

TEST_F(AwsSigning, AddsWhatASignatureTakesAndGivesTheRequestBackWithoutIt) {
  const auto client = Make("s3", [](const Request&) { return HttpAnswered(200); });
  const Outcome outcome = SendOver(*client, Put(true, "hello"));
  EXPECT_EQ(Sent(0, "x-amz-date"), "20261123T060000Z");
  EXPECT_EQ(Sent(0, "x-amz-security-token"), "token");
  EXPECT_EQ(Sent(0, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
  EXPECT_TRUE(Sent(0, "authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=FIRST/20261123/eu-central-1/s3/aws4_request, "
                               "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;"
                               "x-amz-security-token, Signature="));
  EXPECT_EQ(outcome.request.headers.size(), 3U);
}

TEST_F(AwsSigning, OverPlainHttpTheBodyIsSigned) {
  const std::string of_hello = Sha256::Of(AsBytes("hello")).ToHex();
  const auto s3 = Make("s3", [](const Request&) { return HttpAnswered(200); });
  SendOver(*s3, Put(false, "hello"));
  EXPECT_EQ(Sent(0, "x-amz-content-sha256"), of_hello);

  class Hello : public http::BodySource {
   public:
    uint64_t size() const override { return 5; }
    Result<size_t> Read(MutableByteSpan out) override {
      if (at_ == 5) return 0;
      out[0] = AsBytes("hello")[at_++];
      return 1;
    }
    Status Rewind() override {
      at_ = 0;
      return {};
    }

   private:
    size_t at_ = 0;
  };
  Request streamed = Put(false, "");
  const auto source = std::make_shared<Hello>();
  streamed.body = Body::From(source);
  SendOver(*s3, streamed);
  EXPECT_EQ(Sent(1, "x-amz-content-sha256"), of_hello);
  std::array<std::byte, 1> first;
  EXPECT_EQ(source->Read(first).value(), 1U);  // rewound

  Request known = Put(false, "hello");
  known.headers.emplace_back("X-Amz-Content-SHA256", "given");
  SendOver(*s3, known);
  EXPECT_EQ(Sent(2, "X-Amz-Content-SHA256"), "given");
  EXPECT_EQ(Sent(2, "x-amz-content-sha256"), "");
}

TEST_F(AwsSigning, OtherServicesSendNoHash) {
  const auto sqs = Make("sqs", [](const Request&) { return HttpAnswered(200); });
  SendOver(*sqs, Put(true, "hello"));
  EXPECT_EQ(Sent(0, "x-amz-content-sha256"), "");
  EXPECT_NE(Sent(0, "authorization"), "");
}

TEST_F(AwsSigning, AWrongClockIsLearnedFromTheServer) {
  const auto client = Make("s3", [&](const Request& request) {
    const bool right =
        std::ranges::find(request.headers, std::pair<std::string, std::string>("x-amz-date", "20261123T070000Z")) !=
        request.headers.end();
    return right ? HttpAnswered(200)
                 : HttpAnswered(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>",
                                {{"Date", "Mon, 23 Nov 2026 07:00:00 GMT"}});
  });
  EXPECT_TRUE(SendOver(*client, Put(true, "")).response->corrected);
  EXPECT_EQ(server_clock_->offset(), std::chrono::hours(1));
  EXPECT_EQ(SendOver(*client, Put(true, "")).response->status, 200);
}

TEST_F(AwsSigning, ARequestSignedBeforeAnotherOneLearnedTheTimeIsCorrectedToo) {
  const auto client =
      Make("s3", [&](const Request&) { return HttpAnswered(403, "", {{"Date", "Mon, 23 Nov 2026 07:00:00 GMT"}}); });
  int corrected = 0;
  for (int i = 0; i < 2; ++i)
    client->Start(Put(true, ""), [&](const Outcome& outcome) { corrected += outcome.response->corrected ? 1 : 0; });
  while (client->in_flight() > 0) client->Poll(std::chrono::milliseconds(0));
  EXPECT_EQ(corrected, 2);
  // Refused for another reason now: nothing to put right.
  EXPECT_FALSE(SendOver(*client, Put(true, "")).response->corrected);
}

TEST_F(AwsSigning, AGoodClockIsLeftAlone) {
  const auto client = Make("s3", [&](const Request&) {
    return HttpAnswered(403, "<Error><Code>AccessDenied</Code></Error>", {{"Date", "Mon, 23 Nov 2026 06:03:00 GMT"}});
  });
  EXPECT_FALSE(SendOver(*client, Put(true, "")).response->corrected);
  EXPECT_EQ(server_clock_->offset().count(), 0);
  EXPECT_TRUE(credentials_->refused.empty());
}

TEST_F(AwsSigning, ExpiredCredentialsAreRenewedOnce) {
  const auto client =
      Make("s3", [&](const Request&) { return HttpAnswered(400, "<Error><Code>ExpiredToken</Code></Error>"); });
  int corrected = 0;
  for (int i = 0; i < 3; ++i)
    client->Start(Put(true, ""), [&](const Outcome& outcome) { corrected += outcome.response->corrected ? 1 : 0; });
  while (client->in_flight() > 0) client->Poll(std::chrono::milliseconds(0));
  EXPECT_EQ(corrected, 3);
  EXPECT_EQ(credentials_->current->keys.access_key_id, "SECOND");
  // The new ones are refused as well, and there are no others.
  EXPECT_FALSE(SendOver(*client, Put(true, "")).response->corrected);
}

TEST_F(AwsSigning, CredentialsThatCannotBeRenewedStand) {
  credentials_->can_renew = false;
  const auto client =
      Make("sqs", [&](const Request&) { return HttpAnswered(403, R"({"__type":"UnrecognizedClientException"})"); });
  EXPECT_FALSE(SendOver(*client, Put(true, "")).response->corrected);
  EXPECT_EQ(credentials_->refused, std::vector<std::string>{"FIRST"});
}

TEST_F(AwsSigning, WithoutCredentialsNothingIsSent) {
  credentials_->broken = true;
  const auto client = Make("s3", [&](const Request&) { return HttpAnswered(200); });
  const Outcome outcome = SendOver(*client, Put(true, "x"));
  EXPECT_EQ(outcome.response.error().code, ErrorCode::kUnauthenticated);
  EXPECT_FALSE(outcome.exchange.sent);
  EXPECT_EQ(outcome.request.headers.size(), 3U);
  EXPECT_TRUE(fake_->started.empty());
}

}  // namespace
}  // namespace seshat::aws
