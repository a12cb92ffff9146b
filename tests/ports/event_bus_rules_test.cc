#include "ports/event_bus_rules.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace seshat::event_bus_rules {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

bool Refused(const Status& status) { return !status && status.error().code == ErrorCode::kInvalidArgument; }

TEST(EventBusRules, NamesOfSubscriptions) {
  for (const std::string& name : {std::string("a"), std::string("Indexing_2-x"), std::string(64, 'z')})
    EXPECT_TRUE(CheckSpec({.name = name})) << name;
  for (const std::string& name : {std::string(), std::string(65, 'z'), std::string("a.b"), std::string("a b"),
                                  std::string("ü"), std::string("a\0", 2), std::string("a/b")})
    EXPECT_TRUE(Refused(CheckSpec({.name = name}))) << name;
}

TEST(EventBusRules, Attempts) {
  EXPECT_TRUE(Refused(CheckSpec({.name = "a", .max_attempts = 0})));
  EXPECT_TRUE(CheckSpec({.name = "a", .max_attempts = 1}));
  EXPECT_TRUE(CheckSpec({.name = "a", .max_attempts = 1000}));
  EXPECT_TRUE(Refused(CheckSpec({.name = "a", .max_attempts = 1001})));
}

TEST(EventBusRules, Receiving) {
  EXPECT_TRUE(CheckReceive({}));
  EXPECT_TRUE(CheckReceive({.max_events = 1000, .wait = seconds(20), .lease = hours(12)}));
  EXPECT_TRUE(CheckReceive({.max_events = 1, .wait = milliseconds(0), .lease = milliseconds(1)}));
  EXPECT_TRUE(Refused(CheckReceive({.max_events = 0})));
  EXPECT_TRUE(Refused(CheckReceive({.max_events = 1001})));
  EXPECT_TRUE(Refused(CheckReceive({.wait = milliseconds(-1)})));
  EXPECT_TRUE(Refused(CheckReceive({.wait = milliseconds(20'001)})));
  EXPECT_TRUE(Refused(CheckReceive({.lease = milliseconds(0)})));
}

TEST(EventBusRules, DelaysLeasesAndPages) {
  EXPECT_TRUE(CheckDelay(milliseconds(0)));
  EXPECT_TRUE(CheckDelay(hours(12)));
  EXPECT_TRUE(Refused(CheckDelay(milliseconds(-1))));
  EXPECT_TRUE(Refused(CheckDelay(hours(12) + milliseconds(1))));
  EXPECT_TRUE(CheckLease(milliseconds(1)));
  EXPECT_TRUE(CheckLease(hours(12)));
  EXPECT_TRUE(Refused(CheckLease(milliseconds(0))));
  EXPECT_TRUE(Refused(CheckLease(hours(12) + milliseconds(1))));
  EXPECT_TRUE(Refused(CheckPage(0)));
  EXPECT_TRUE(CheckPage(1));
  EXPECT_TRUE(CheckPage(1000));
  EXPECT_TRUE(Refused(CheckPage(1001)));
}

// What counts is what goes over the wire: a control character takes six bytes there.
TEST(EventBusRules, SizesAreThoseOfTheEncodedEvent) {
  const std::array events{Event{.id = "small", .type = "T", .source = "s", .data = "{}"},
                          Event{.id = "big", .type = "T", .source = std::string(1000, '\x01'), .data = "{}"}};
  const size_t size = records::EncodeEvent(events[1]).size();
  EXPECT_GT(size, 6000U);
  EXPECT_TRUE(CheckSize(events, size));
  const auto refused = CheckSize(events, size - 1);
  ASSERT_TRUE(Refused(refused));
  EXPECT_NE(refused.error().message.find("'big'"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(CheckSize({}, 0));
}

TEST(EventBusRules, AnUnknownSubscriptionIsNamedSafely) {
  const Error error = NoSubscription("a\x1B[2J");
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_EQ(error.message.find('\x1B'), std::string::npos);
}

}  // namespace
}  // namespace seshat::event_bus_rules
