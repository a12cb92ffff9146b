// What the suite cannot see: requests, batches, partial failures, permissions, odd answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "adapters/sns_sqs/model_harness.h"
#include "adapters/sns_sqs/sqs_client.h"

namespace seshat::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Subscriptions = sns_sqs::SnsSqsOptions::Subscriptions;

class SnsSqsTest : public ::testing::Test {
 protected:
  SnsSqsTest() { aws_->AddTopic("lab"); }

  std::unique_ptr<EventBus> Open(Subscriptions subscriptions = Subscriptions::kMake) {
    sns_sqs::SnsSqsOptions options = ModelOptions(aws_);
    options.subscriptions = subscriptions;
    return sns_sqs::MakeSnsSqsEventBus(std::move(options), clock_, random_).value();
  }
  static Event MakeEvent(const std::string& id, size_t data_bytes = 10) {
    Event event;
    event.id = id;
    event.type = "T";
    event.source = "test";
    event.time = Timestamp(seconds(1'800'000'000));
    event.data = R"({"x":")" + std::string(data_bytes, 'x') + R"("})";
    return event;
  }
  static std::vector<Delivery> Receive(EventBus& bus, const std::string& name = "s") {
    auto got = bus.Receive(name, {.wait = milliseconds(0), .lease = seconds(10)}, {});
    EXPECT_TRUE(got) << got.error().ToString();
    return got ? *std::move(got) : std::vector<Delivery>();
  }
  static std::set<std::string> ReceiveAll(EventBus& bus) {
    std::set<std::string> ids;
    while (true) {
      const auto some = Receive(bus);
      if (some.empty()) return ids;
      for (const auto& d : some) EXPECT_TRUE(ids.insert(d.event.id).second) << d.event.id << " came twice";
    }
  }
  static http::Response Refusal(const std::string& code, const std::string& message, int status = 400) {
    http::Response response;
    response.status = status;
    response.body = R"({"__type":"com.amazonaws.sqs#)" + code + R"(","message":")" + message + "\"}";
    return response;
  }

  FakeClock clock_;
  SeededRandom random_;
  std::shared_ptr<ModelAws> aws_ = std::make_shared<ModelAws>(clock_);
};

TEST_F(SnsSqsTest, AgentsNeedNothingButPublish) {
  const auto bus = Open(Subscriptions::kExpect);
  EXPECT_TRUE(bus->EnsureSubscription({.name = "indexing"}));
  EXPECT_TRUE(aws_->operations().empty());
  const std::vector<Event> events = {MakeEvent("a"), MakeEvent("b")};
  EXPECT_TRUE(bus->Publish(events));
  EXPECT_EQ(aws_->operations(), std::vector<std::string>{"sns:Publish"});
}

TEST_F(SnsSqsTest, BatchesHoldTenEventsAndAQuarterOfAMegabyte) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  std::vector<Event> events;
  for (int i = 0; i < 25; ++i) events.push_back(MakeEvent("small-" + std::to_string(i)));
  for (int i = 0; i < 5; ++i) events.push_back(MakeEvent("big-" + std::to_string(i), 100'000));
  const size_t before = aws_->operations().size();
  const auto published = bus->Publish(events);
  ASSERT_TRUE(published) << published.error().ToString();
  EXPECT_EQ(aws_->operations().size() - before, 5U);  // 10, 10, 5 and 2 big ones, 2, 1
  EXPECT_EQ(ReceiveAll(*bus).size(), 30U);
}

TEST_F(SnsSqsTest, RepeatsThePartOfABatchThatFailed) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  std::vector<Event> events;
  for (int i = 0; i < 10; ++i) events.push_back(MakeEvent(std::to_string(i)));
  aws_->FailPublished(13);
  EXPECT_TRUE(bus->Publish(events));
  EXPECT_EQ(ReceiveAll(*bus).size(), 10U);
}

TEST_F(SnsSqsTest, GivesUpWhereAPartKeepsFailing) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  const std::vector<Event> events = {MakeEvent("a"), MakeEvent("b")};
  aws_->FailPublished(1000);
  const auto unavailable = bus->Publish(events);
  ASSERT_FALSE(unavailable);
  EXPECT_EQ(unavailable.error().code, ErrorCode::kUnavailable);
  aws_->FailPublished(1, true);
  const size_t before = aws_->operations().size();
  const auto refused = bus->Publish(events);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(aws_->operations().size() - before, 1U);
}

TEST_F(SnsSqsTest, PublishesOneByOneWhereBatchesAreRefused) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  int batches = 0;
  aws_->set_instead([&](const http::Request& request) -> std::optional<http::Response> {
    const std::string_view body(reinterpret_cast<const char*>(request.body.bytes.data()), request.body.bytes.size());
    if (!body.contains("Action=PublishBatch&")) return std::nullopt;
    ++batches;
    http::Response response;
    response.status = 403;
    response.body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message></Error></ErrorResponse>";
    return response;
  });
  EXPECT_TRUE(bus->Publish(std::vector<Event>{MakeEvent("a"), MakeEvent("b")}));
  EXPECT_TRUE(bus->Publish(std::vector<Event>{MakeEvent("c"), MakeEvent("d")}));
  EXPECT_EQ(batches, 1);
  EXPECT_EQ(ReceiveAll(*bus), (std::set<std::string>{"a", "b", "c", "d"}));
}

TEST_F(SnsSqsTest, WithoutTheRightToPublishTheRightIsNamed) {
  const auto bus = Open(Subscriptions::kExpect);
  aws_->set_instead([](const http::Request&) {
    http::Response response;
    response.status = 403;
    response.body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message></Error></ErrorResponse>";
    return std::optional(std::move(response));
  });
  const auto published = bus->Publish(std::vector<Event>{MakeEvent("a"), MakeEvent("b")});
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(published.error().message.find("sns:Publish"), std::string::npos);
}

TEST_F(SnsSqsTest, AcknowledgesAgainWhatWasNotRemoved) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  std::vector<Event> events;
  for (int i = 0; i < 10; ++i) events.push_back(MakeEvent(std::to_string(i)));
  ASSERT_TRUE(bus->Publish(events));
  std::vector<std::string> handles;
  for (const auto& d : Receive(*bus)) handles.push_back(d.handle);
  ASSERT_EQ(handles.size(), 10U);
  handles.push_back(handles.front());
  aws_->sqs().FailEntries(7);
  EXPECT_TRUE(bus->Acknowledge("s", handles));
  EXPECT_TRUE(aws_->sqs().Copy("lab-s").messages.empty());
}

TEST_F(SnsSqsTest, ReadsEnvelopesWhereSomebodySwitchedRawDeliveryOff) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  aws_->sqs().Deliver("lab-s",
                      R"({"Type":"Notification","Message":"{\"specversion\":\"1.0\",\"id\":\"e\",\"type\":\"T\",)"
                      R"(\"source\":\"x\",\"time\":\"2026-11-23T00:00:00Z\",\"data\":{}}"})",
                      {});
  EXPECT_EQ(ReceiveAll(*bus), std::set<std::string>{"e"});
}

TEST_F(SnsSqsTest, WhatIsNoEventBecomesADeadLetterAndTheWaitGoesOn) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  aws_->sqs().Deliver("lab-s", "no event", {});
  EXPECT_TRUE(Receive(*bus).empty());
  const auto dead = bus->DeadLetters("s", "", 10);
  ASSERT_TRUE(dead) << dead.error().ToString();
  ASSERT_EQ(dead->letters.size(), 1U);
  EXPECT_EQ(dead->letters[0].event.type, "unreadable");
  EXPECT_EQ(dead->letters[0].event.data, "no event");
  EXPECT_FALSE(dead->letters[0].reason.empty());
}

TEST_F(SnsSqsTest, EventsThatAQueueShouldNotHaveGotAreDropped) {
  const auto bus = Open();
  // The queue takes all that comes, and this consumer wants one type.
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  const auto consumer = Open(Subscriptions::kExpect);
  ASSERT_TRUE(consumer->EnsureSubscription({.name = "s", .types = {"T"}}));
  std::vector<Event> events{MakeEvent("a"), MakeEvent("b"), MakeEvent("c")};
  events[0].type = events[2].type = "Another";
  ASSERT_TRUE(bus->Publish(events));
  const auto got = Receive(*consumer);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].event.id, "b");
  EXPECT_EQ(aws_->sqs().Copy("lab-s").messages.size(), 1U);
  ASSERT_TRUE(consumer->Acknowledge("s", {&got[0].handle, 1}));
  EXPECT_TRUE(aws_->sqs().Copy("lab-s").messages.empty());
  EXPECT_TRUE(aws_->sqs().Copy("lab-s-dead").messages.empty());
}

TEST_F(SnsSqsTest, TypesOfAnEarlierSpecAreStillWanted) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s", .types = {"T"}}));
  const Event event = MakeEvent("a");
  ASSERT_TRUE(bus->Publish({&event, 1}));
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s", .types = {"Another"}}));
  EXPECT_EQ(ReceiveAll(*bus), std::set<std::string>{"a"});
}

TEST_F(SnsSqsTest, DuplicatesAreDeliveredAndAcknowledgedEach) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  aws_->copies = 3;
  const Event event = MakeEvent("a");
  ASSERT_TRUE(bus->Publish({&event, 1}));
  const auto got = Receive(*bus);
  ASSERT_EQ(got.size(), 3U);
  std::vector<std::string> handles;
  for (const auto& d : got) handles.push_back(d.handle);
  EXPECT_TRUE(bus->Acknowledge("s", handles));
  EXPECT_TRUE(aws_->sqs().Copy("lab-s").messages.empty());
}

TEST_F(SnsSqsTest, WhatIsMissingIsNamedWithWhatToDo) {
  const auto bus = Open(Subscriptions::kExpect);
  const auto received = bus->Receive("s", {.wait = milliseconds(0)}, {});
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, ErrorCode::kNotFound);
  EXPECT_NE(received.error().message.find("lab-s"), std::string::npos);
  EXPECT_NE(received.error().message.find("seshat aws init"), std::string::npos);
  sns_sqs::SnsSqsOptions options = ModelOptions(aws_);
  options.names.name = "other";
  const auto other = sns_sqs::MakeSnsSqsEventBus(std::move(options), clock_, random_).value();
  const Event event = MakeEvent("a");
  const auto published = other->Publish({&event, 1});
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::kNotFound);
  EXPECT_NE(published.error().message.find("seshat aws init"), std::string::npos);
}

TEST_F(SnsSqsTest, CredentialsOfAnotherAccountAreNoticed) {
  sns_sqs::SnsSqsOptions options = ModelOptions(aws_);
  options.names.account = "999999999999";
  const auto bus = sns_sqs::MakeSnsSqsEventBus(std::move(options), clock_, random_).value();
  const auto made = bus->EnsureSubscription({.name = "s"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SnsSqsTest, StatsCountBothQueues) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s", .max_attempts = 1}));
  std::vector<Event> events = {MakeEvent("a")};
  ASSERT_TRUE(bus->Publish(events));
  ASSERT_TRUE(bus->Retry("s", Receive(*bus).at(0).handle, milliseconds(0), "why"));
  events = {MakeEvent("b"), MakeEvent("c")};
  ASSERT_TRUE(bus->Publish(events));
  auto one = bus->Receive("s", {.max_events = 1, .wait = milliseconds(0)}, {});
  ASSERT_TRUE(one);
  const auto stats = bus->Stats("s");
  ASSERT_TRUE(stats) << stats.error().ToString();
  EXPECT_EQ(stats->ready, 1U);
  EXPECT_EQ(stats->in_flight, 1U);
  EXPECT_EQ(stats->dead, 1U);
  EXPECT_FALSE(stats->oldest_age);
}

TEST_F(SnsSqsTest, DelaysBeyondTheTwelveHoursOfADeliveryAreShortened) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  const Event event = MakeEvent("a");
  ASSERT_TRUE(bus->Publish({&event, 1}));
  const auto got = Receive(*bus);
  ASSERT_EQ(got.size(), 1U);
  const auto beyond = [](const http::Request& request) -> std::optional<http::Response> {
    const std::string_view body(reinterpret_cast<const char*>(request.body.bytes.data()), request.body.bytes.size());
    if (!body.contains("\"VisibilityTimeout\":43200")) return std::nullopt;
    return Refusal("InvalidParameterValue",
                   "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the "
                   "message is beyond the limit [43200 seconds]");
  };
  aws_->set_instead(beyond);
  EXPECT_TRUE(bus->Retry("s", got[0].handle, std::chrono::hours(12), "later"));
  EXPECT_EQ(aws_->sqs().Copy("lab-s").messages.at(0).visible_at, clock_.Now() + std::chrono::hours(6));
  const auto extended = bus->Extend("s", got[0].handle, std::chrono::hours(12));
  ASSERT_FALSE(extended);
  EXPECT_EQ(extended.error().code, ErrorCode::kNotFound);
}

TEST_F(SnsSqsTest, AnAttemptThatIsNotTheLastAnyMoreIsNoDeath) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s", .max_attempts = 1}));
  const Event event = MakeEvent("a");
  ASSERT_TRUE(bus->Publish({&event, 1}));
  const auto got = Receive(*bus);
  ASSERT_EQ(got.size(), 1U);
  ASSERT_TRUE(Open()->EnsureSubscription({.name = "s", .max_attempts = 3}));
  EXPECT_TRUE(bus->Retry("s", got[0].handle, milliseconds(0), "no"));
  EXPECT_EQ(Receive(*bus).size(), 1U);
}

TEST_F(SnsSqsTest, WithoutTheRightToBuryTheQueueDoesItItself) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s", .max_attempts = 1}));
  const Event event = MakeEvent("a");
  ASSERT_TRUE(bus->Publish({&event, 1}));
  const auto got = Receive(*bus);
  ASSERT_EQ(got.size(), 1U);
  aws_->set_instead([](const http::Request& request) -> std::optional<http::Response> {
    if (request.operation != "sqs:SendMessage") return std::nullopt;
    return Refusal("AccessDeniedException", "not authorized", 403);
  });
  EXPECT_TRUE(bus->Retry("s", got[0].handle, seconds(100), "the reason"));
  EXPECT_TRUE(Receive(*bus).empty());
  const auto dead = bus->DeadLetters("s", "", 10);
  ASSERT_TRUE(dead) << dead.error().ToString();
  ASSERT_EQ(dead->letters.size(), 1U);
  EXPECT_EQ(dead->letters[0].attempts, 1U);
}

TEST_F(SnsSqsTest, ARedriveThatBreaksOffLosesNothing) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s", .max_attempts = 1}));
  for (int i = 0; i < 12; ++i) {
    const Event event = MakeEvent(std::to_string(i));
    ASSERT_TRUE(bus->Publish({&event, 1}));
    ASSERT_TRUE(bus->Retry("s", Receive(*bus).at(0).handle, milliseconds(0), "no"));
  }
  aws_->set_instead([](const http::Request& request) -> std::optional<http::Response> {
    if (request.operation != "sqs:DeleteMessage") return std::nullopt;
    return Refusal("InternalError", "try again", 500);
  });
  EXPECT_FALSE(bus->Redrive("s", {}));
  aws_->set_instead(nullptr);
  EXPECT_EQ(aws_->sqs().Copy("lab-s").messages.size(), 10U);
  EXPECT_EQ(aws_->sqs().Copy("lab-s-dead").messages.size(), 12U);
  const auto again = bus->Redrive("s", {});
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(*again, 12U);
}

TEST_F(SnsSqsTest, LookingAtDeadLettersLeavesThemThere) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s", .max_attempts = 1}));
  for (int i = 0; i < 23; ++i) aws_->sqs().Deliver("lab-s-dead", "letter", {});
  for (int look = 0; look < 3; ++look) EXPECT_EQ(bus->DeadLetters("s", "", 1000).value().letters.size(), 23U);
  EXPECT_EQ(bus->Redrive("s", {}).value_or(0), 23U);
}

TEST_F(SnsSqsTest, OddAnswersAreErrorsAndNothingWorse) {
  const auto bus = Open();
  ASSERT_TRUE(bus->EnsureSubscription({.name = "s"}));
  const Event event = MakeEvent("a");
  for (const char* body :
       {"", "null", "[]", "{", "<", "{\"Messages\":3}", "{\"Messages\":[null,{},{\"ReceiptHandle\":7}]}",
        "{\"Successful\":[{\"Id\":\"99\"},7],\"Failed\":[{\"Id\":\"-1\"},null]}",
        "{\"Attributes\":{\"RedrivePolicy\":\"[]\"}}",
        "<PublishBatchResponse><PublishBatchResult><Successful><member><Id>x</Id></member></Successful>"
        "</PublishBatchResult></PublishBatchResponse>",
        "\xFF\xFE\x00"}) {
    aws_->set_instead([body](const http::Request&) {
      http::Response response;
      response.status = 200;
      response.body = body;
      return std::optional(std::move(response));
    });
    EXPECT_FALSE(bus->Publish({&event, 1})) << body;
    EXPECT_FALSE(bus->Acknowledge("s", std::vector<std::string>{"1.r"})) << body;
    const auto received = bus->Receive("s", {.wait = milliseconds(0)}, {});
    EXPECT_TRUE(!received || received->empty()) << body;
    const auto letters = bus->DeadLetters("s", "", 10);
    EXPECT_TRUE(!letters || letters->letters.empty()) << body;
  }
}

}  // namespace
}  // namespace seshat::testing
