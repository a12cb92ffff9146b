#include "adapters/sns_sqs/message_body.h"

#include <gtest/gtest.h>

#include "adapters/sns_sqs/handle.h"
#include "adapters/sns_sqs/names.h"
#include "adapters/sns_sqs/policy_document.h"
#include "support/fakes.h"

namespace seshat::sns_sqs {
namespace {

Event SomeEvent() {
  Event event;
  event.id = "e1";
  event.type = "SessionMigratedEvent";
  event.source = "seshat/agent/rig";
  event.time = Timestamp(std::chrono::seconds(1'800'000'000));
  event.data = R"({"session_id":"s"})";
  return event;
}

bool SqsTakes(std::string_view text) { return SafeText(text, text.size()) == text; }

TEST(MessageBody, ComesBackRawAndInsideAnEnvelope) {
  Event event = SomeEvent();
  event.subject = "\xC3\xA9 \"\\ \xF0\x9F\x98\x80";
  const auto body = WriteMessageBody(event);
  ASSERT_TRUE(body) << body.error().ToString();
  const auto raw = ReadMessageBody(*body);
  ASSERT_TRUE(raw) << raw.error().ToString();
  EXPECT_EQ(raw->subject, event.subject);
  std::string escaped;
  for (const char c : *body) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  const auto inner = ReadMessageBody(R"({"Type":"Notification","TopicArn":"arn:x","SignatureVersion":"1",)"
                                     R"("UnsubscribeURL":"http://example.invalid","Message":")" +
                                     escaped + "\"}");
  ASSERT_TRUE(inner) << inner.error().ToString();
  EXPECT_EQ(inner->subject, event.subject);
  EXPECT_EQ(inner->data, event.data);
}

TEST(MessageBody, HoldsOnlyWhatSqsTakes) {
  Event event = SomeEvent();
  event.subject = "\xEF\xBF\xBE|\xEF\xBF\xBF|\xEF\xBF\xBD";
  event.data = "{\"x\":\"\xEF\xBF\xBE\\u0000\xEF\xBF\xBF\"}";
  const auto body = WriteMessageBody(event);
  ASSERT_TRUE(body) << body.error().ToString();
  EXPECT_TRUE(SqsTakes(*body));
  const auto back = ReadMessageBody(*body);
  ASSERT_TRUE(back) << back.error().ToString();
  EXPECT_EQ(back->subject, event.subject);
  EXPECT_EQ(back->data, event.data);
}

TEST(MessageBody, RefusesWhatWouldNotComeBack) {
  for (const std::string& data : {std::string("no json"), std::string("[1]"), std::string("{ \"spaced\": 1 }"),
                                  std::string("{\"x\":\"\xFF\"}"), std::string("{\"a\":1,\"a\":2}")}) {
    Event event = SomeEvent();
    event.data = data;
    const auto body = WriteMessageBody(event);
    ASSERT_FALSE(body) << data;
    EXPECT_EQ(body.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(MessageBody, HostileBodiesAreNoEvents) {
  std::string deep(100'000, '[');
  std::string nested = R"({"Type":"Notification","Message":")" + std::string(50'000, '{') + "\"}";
  const std::string twice = R"({"Type":"Notification","Message":"{\"Type\":\"Notification\",\"Message\":\"{}\"}"})";
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("{}"), std::string("[]"), std::string("\xFF\xFE"),
        std::string("a\0b", 3), deep, nested, twice, std::string(R"({"Type":"Notification"})"),
        std::string(R"({"Type":"Notification","Message":{}})"), std::string(R"({"Type":1,"Message":"x"})"),
        std::string(R"({"specversion":"1.0"})"), std::string(R"({"specversion":2,"id":"x"})"),
        std::string(R"({"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"})")}) {
    const auto event = ReadMessageBody(body);
    ASSERT_FALSE(event) << body.substr(0, 80);
    EXPECT_EQ(event.error().code, ErrorCode::kDataLoss);
  }
}

TEST(MessageBody, EveryPieceOfAnEventIsReadWithoutHarm) {
  const std::string body = WriteMessageBody(SomeEvent()).value();
  for (size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(ReadMessageBody(body.substr(0, size)));
  testing::SeededRandom random;
  int read = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string changed = body;
    std::array<std::byte, 2> bytes{};
    random.Fill(bytes);
    changed[static_cast<size_t>(round) % changed.size()] = static_cast<char>(bytes[0]);
    if (const auto event = ReadMessageBody(changed)) ++read;
  }
  EXPECT_LT(read, 2000);
}

TEST(MessageBody, SafeTextKeepsToItsLimitAndToWhatSqsTakes) {
  EXPECT_EQ(SafeText("disk \xE2\x82\xAC full", 100), "disk \xE2\x82\xAC full");
  EXPECT_EQ(SafeText(std::string("a\0\x1B\xFF", 4), 100), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(SafeText("\xE2\x82\xAC\xE2\x82\xAC", 5), "\xE2\x82\xAC");
  EXPECT_EQ(SafeText("\xEF\xBF\xBF", 9), "\xEF\xBF\xBD");
}

TEST(Handle, ComesBackAndTakesAnythingElseForAReceipt) {
  const std::string plain = MakeHandle(3, "AQEB.x+/=", "");
  EXPECT_EQ(ParseHandle(plain).attempt, 3U);
  EXPECT_EQ(ParseHandle(plain).receipt, "AQEB.x+/=");
  EXPECT_EQ(ParseHandle(plain).body, "");
  const std::string last = MakeHandle(5, "r", "{\"a b\": 1}");
  EXPECT_EQ(ParseHandle(last).receipt, "r");
  EXPECT_EQ(ParseHandle(last).body, "{\"a b\": 1}");
  EXPECT_EQ(ParseHandle("nonsense").receipt, "nonsense");
  EXPECT_FALSE(ParseHandle("").valid());
  EXPECT_FALSE(ParseHandle("1.").valid());
  EXPECT_FALSE(ParseHandle(std::string(10'000, '9')).valid());
}

TEST(BusNames, FollowFromAccountNameAndRegion) {
  const auto names = ParseBusNames("123456789012/lab", "eu-central-1");
  ASSERT_TRUE(names) << names.error().ToString();
  EXPECT_EQ(names->topic_arn(), "arn:aws:sns:eu-central-1:123456789012:lab");
  EXPECT_EQ(names->queue_arn(names->dead_queue("indexing")), "arn:aws:sqs:eu-central-1:123456789012:lab-indexing-dead");
  EXPECT_EQ(names->queue_url(http::ParseUrl("https://sqs.eu-central-1.amazonaws.com").value(), "lab-indexing"),
            "https://sqs.eu-central-1.amazonaws.com/123456789012/lab-indexing");
  EXPECT_EQ(names->queue_url(http::ParseUrl("http://127.0.0.1:5000/prefix").value(), "q"),
            "http://127.0.0.1:5000/prefix/123456789012/q");
  EXPECT_EQ(ParseBusNames("123456789012/lab", "cn-north-1").value().topic_arn(),
            "arn:aws-cn:sns:cn-north-1:123456789012:lab");
}

TEST(BusNames, RefuseWhatNobodyCanBeCalled) {
  for (const char* text : {"", "lab", "123456789012", "123456789012/", "12345678901/lab", "1234567890123/lab",
                           "123456789012/a b", "123456789012/a/b", "12345678901a/lab", "123456789012/\x1B[31m"}) {
    const auto names = ParseBusNames(text, "eu-central-1");
    ASSERT_FALSE(names) << text;
    EXPECT_EQ(names.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(names.error().message.find('\x1B'), std::string::npos);
  }
  EXPECT_FALSE(ParseBusNames("123456789012/lab", ""));
  const auto names = ParseBusNames("123456789012/" + std::string(60, 'x'), "eu-central-1").value();
  EXPECT_TRUE(CheckSubscriptionName(names, "indexing"));
  EXPECT_FALSE(CheckSubscriptionName(names, std::string(20, 'y')));
  EXPECT_FALSE(CheckSubscriptionName(names, "indexing-dead"));
}

TEST(PolicyDocument, IsTheSameHoweverItIsLaidOut) {
  EXPECT_TRUE(SamePolicy(R"({"A":["x"],"B":["1","2"]})", R"({ "B": ["2", "1"], "A": "x" })"));
  EXPECT_FALSE(SamePolicy(R"({"A":"x"})", R"({"A":"y"})"));
  EXPECT_FALSE(SamePolicy(R"({"A":"x"})", ""));
}

TEST(PolicyDocument, KeepsWhatOthersWrote) {
  const char* ours = R"({"Version":"2012-10-17","Statement":[{"Sid":"Ours","Effect":"Allow"}]})";
  EXPECT_TRUE(SamePolicy(MergePolicy("", ours).value(), ours));
  const auto merged = MergePolicy(
      R"({"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"Theirs","Effect":"Deny"},{"Sid":"Ours","Effect":"Deny"}]})",
      ours);
  ASSERT_TRUE(merged) << merged.error().ToString();
  EXPECT_TRUE(SamePolicy(
      *merged,
      R"({"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"Theirs","Effect":"Deny"},{"Sid":"Ours","Effect":"Allow"}]})"));
  EXPECT_TRUE(SamePolicy(MergePolicy(*merged, ours).value(), *merged));
  EXPECT_FALSE(MergePolicy("no json", ours));
  EXPECT_FALSE(MergePolicy("[]", ours));
}

}  // namespace
}  // namespace seshat::sns_sqs
