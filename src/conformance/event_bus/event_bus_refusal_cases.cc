// What must be refused, and with which code.
#include "conformance/event_bus/event_bus_steps.h"

namespace seshat::conformance::event_bus {
namespace {

using Strings = std::vector<std::string>;

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  EXPECT_FALSE(result) << "should have been refused";
  return result ? ErrorCode::kInternal : result.error().code;
}

void RefusesBigEvents(Harness& h) {
  Subscribe(h);
  const size_t most = h.bus().capabilities().max_event_bytes;
  Event e = MakeEvent("big");
  e.data = R"({"x":""})";
  const size_t rest = most - records::EncodeEvent(e).size();
  e.data = R"({"x":")" + std::string(rest + 1, 'x') + R"("})";
  const std::vector<Event> batch = {MakeEvent("small"), e};
  EXPECT_EQ(CodeOf(h.bus().Publish({&e, 1})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(h.bus().Publish(batch)), ErrorCode::kInvalidArgument);
  for (const auto& d : ReceiveAll(h, 2)) EXPECT_NE(d.event.id, "big");
  e.data.erase(6, 1);
  Publish(h, {e});
  const auto all = ReceiveAll(h, 1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(Describe(all[0].event), Describe(e));
}

void RefusesBadSubscriptions(Harness& h) {
  for (const auto& name :
       Strings{"", "a b", "a.b", "../x", "a/b", "n\xC3\xA4me", std::string("a\0b", 3), "'; --", std::string(65, 'a')})
    EXPECT_EQ(CodeOf(h.bus().EnsureSubscription({.name = name})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(h.bus().EnsureSubscription({.name = "x", .max_attempts = 0})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(h.bus().EnsureSubscription({.name = "x", .max_attempts = 1001})), ErrorCode::kInvalidArgument);
  for (const auto& name : Strings{"a", "A-z_09", std::string(64, 'a')})
    EXPECT_TRUE(h.bus().EnsureSubscription({.name = name, .max_attempts = 1000}));
}

void RefusesValuesOutOfRange(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery d = ReceiveOne(h);
  const auto refused = ErrorCode::kInvalidArgument;
  for (const ReceiveOptions& options :
       {ReceiveOptions{.max_events = 0, .wait = milliseconds(0)},
        ReceiveOptions{.max_events = 1001, .wait = milliseconds(0)}, ReceiveOptions{.wait = milliseconds(-1)},
        ReceiveOptions{.wait = milliseconds(20'001)}, ReceiveOptions{.wait = milliseconds(0), .lease = milliseconds(0)},
        ReceiveOptions{.wait = milliseconds(0), .lease = std::chrono::hours(13)}})
    EXPECT_EQ(CodeOf(h.bus().Receive(kSub, options, {})), refused);
  EXPECT_EQ(CodeOf(h.bus().Retry(kSub, d.handle, milliseconds(-1), "")), refused);
  EXPECT_EQ(CodeOf(h.bus().Retry(kSub, d.handle, std::chrono::hours(13), "")), refused);
  EXPECT_EQ(CodeOf(h.bus().Extend(kSub, d.handle, milliseconds(0))), refused);
  EXPECT_EQ(CodeOf(h.bus().Extend(kSub, d.handle, std::chrono::hours(13))), refused);
  EXPECT_EQ(CodeOf(h.bus().DeadLetters(kSub, "", 0)), refused);
  EXPECT_EQ(CodeOf(h.bus().DeadLetters(kSub, "", 1001)), refused);
}

void UnknownSubscriptionIsNotFound(Harness& h) {
  Subscribe(h, "known");
  for (const auto& name : Strings{"unknown", "", "Known"}) {
    EXPECT_EQ(CodeOf(h.bus().Receive(name, {.wait = milliseconds(0)}, {})), ErrorCode::kNotFound);
    EXPECT_EQ(CodeOf(h.bus().Receive(name, {.wait = seconds(20)}, {})), ErrorCode::kNotFound);
    EXPECT_EQ(CodeOf(h.bus().Acknowledge(name, Strings{"x"})), ErrorCode::kNotFound);
    EXPECT_EQ(CodeOf(h.bus().Retry(name, "x", milliseconds(0), "")), ErrorCode::kNotFound);
    EXPECT_EQ(CodeOf(h.bus().Extend(name, "x", seconds(1))), ErrorCode::kNotFound);
    EXPECT_EQ(CodeOf(h.bus().DeadLetters(name, "", 10)), ErrorCode::kNotFound);
    EXPECT_EQ(CodeOf(h.bus().Redrive(name, {})), ErrorCode::kNotFound);
    EXPECT_EQ(CodeOf(h.bus().Stats(name)), ErrorCode::kNotFound);
  }
}

}  // namespace

std::span<const Case<Harness>> RefusalCases() {
  static constexpr Case<Harness> kCases[] = {
      {"RefusesBigEvents", RefusesBigEvents},
      {"RefusesBadSubscriptions", RefusesBadSubscriptions},
      {"RefusesValuesOutOfRange", RefusesValuesOutOfRange},
      {"UnknownSubscriptionIsNotFound", UnknownSubscriptionIsNotFound},
  };
  return kCases;
}

}  // namespace seshat::conformance::event_bus
