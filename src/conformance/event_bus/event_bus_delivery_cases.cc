// Who gets what: subscriptions, types, copies, contents, batches, acknowledgement.
#include <algorithm>
#include <set>

#include "conformance/event_bus/event_bus_steps.h"

namespace seshat::conformance::event_bus {
namespace {

using Strings = std::vector<std::string>;

void DeliversWhatWasPublished(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery d = ReceiveOne(h);
  EXPECT_EQ(Describe(d.event), Describe(MakeEvent("a")));
  EXPECT_EQ(d.attempt, 1U);
  EXPECT_FALSE(d.handle.empty());
  Acknowledge(h, {d});
  EXPECT_TRUE(NothingThere(h));
}

// Compact JSON objects as EncodeEvent has them, so that no adapter has an excuse to change a byte.
void CarriesEventsUntouched(Harness& h) {
  Subscribe(h);
  const Strings data = {
      "{}",
      R"({"path":"a%2Fb\u0000c","quote":"\"\\/","tab":"\t\n\r\b\f","low":"\u0001\u001f"})",
      "{\"unicode\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 \xE2\x80\xAE\x7F\",\"<script>\":\"&amp;'--;\"}",
      R"({"n":[0,-1,18446744073709551615,1.5E300,true,false,null,[],{}]})",
      R"({"big":")" + std::string(100'000, 'x') + R"("})",
  };
  Strings sent;
  std::vector<Event> events;
  for (const auto& text : data) {
    Event e = MakeEvent("id '\"\\%00 \xE2\x82\xAC " + std::to_string(events.size()));
    e.subject = events.size() % 2 == 0 ? "" : "s\xC3\xA9ssion ?*";
    e.traceparent = events.size() % 2 == 0 ? "" : e.traceparent;
    e.time += std::chrono::nanoseconds(events.size());
    e.data = text;
    sent.push_back(Describe(e));
    events.push_back(std::move(e));
  }
  for (const Event& e : events) Publish(h, {e});
  Strings came;
  for (const auto& d : ReceiveAll(h, events.size())) came.push_back(Describe(d.event));
  std::ranges::sort(sent);
  std::ranges::sort(came);
  EXPECT_EQ(came, sent);
}

// Bytes that JSON cannot hold are refused, or they come back as they were; never anything between.
void RefusesOrCarriesWhatIsNoJson(Harness& h) {
  Subscribe(h);
  for (const std::string& bytes :
       {std::string("\xFF\xFE"), std::string("a\0b", 3), std::string("\xED\xA0\x80"), std::string("no json")}) {
    Event e = MakeEvent("x");
    e.subject = bytes;
    e.data = bytes;
    const auto published = h.bus().Publish({&e, 1});
    if (!published) {
      EXPECT_EQ(published.error().code, ErrorCode::kInvalidArgument);
      EXPECT_TRUE(NothingThere(h));
      continue;
    }
    const Delivery d = ReceiveOne(h);
    EXPECT_EQ(Describe(d.event), Describe(e));
    Acknowledge(h, {d});
  }
}

void FiltersByType(Harness& h) {
  Subscribe(h, kSub, 5, {"A", "B"});
  Publish(h, {MakeEvent("1", "A"), MakeEvent("2", "C"), MakeEvent("3", "B"), MakeEvent("4", "a")});
  EXPECT_EQ(SortedIds(ReceiveAll(h, 2)), (Strings{"1", "3"}));
  EXPECT_TRUE(NothingThere(h));
}

void NoTypesMeansAll(Harness& h) {
  Subscribe(h);
  Publish(h, {MakeEvent("1", "A"), MakeEvent("2", "anything else")});
  EXPECT_EQ(SortedIds(ReceiveAll(h, 2)), (Strings{"1", "2"}));
}

void NewSubscriptionStartsEmpty(Harness& h) {
  PublishIds(h, {"before"});
  Subscribe(h);
  PublishIds(h, {"after"});
  EXPECT_EQ(SortedIds(ReceiveAll(h, 1)), Strings{"after"});
  EXPECT_TRUE(NothingThere(h));
}

void EachSubscriptionHasItsCopy(Harness& h) {
  Subscribe(h, "one");
  Subscribe(h, "two");
  PublishIds(h, {"a"});
  Acknowledge(h, {ReceiveOne(h, "one")}, "one");
  const Delivery other = ReceiveOne(h, "two");
  EXPECT_EQ(Describe(other.event), Describe(MakeEvent("a")));
  EXPECT_EQ(other.attempt, 1U);
  Acknowledge(h, {other}, "two");
  h.Advance(seconds(11));
  EXPECT_TRUE(NothingThere(h, "one"));
  EXPECT_TRUE(NothingThere(h, "two"));
}

void ConsumersShareASubscription(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a", "b", "c", "d"});
  auto first = ReceiveAll(h, 2);
  const auto second = ReceiveAll(h, 2);
  EXPECT_EQ(first.size(), 2U);
  EXPECT_EQ(second.size(), 2U);
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_EQ(SortedIds(first), (Strings{"a", "b", "c", "d"}));
  EXPECT_TRUE(NothingThere(h));
}

void EnsuringAgainKeepsEvents(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a", "b"});
  const Delivery leased = ReceiveOne(h);
  Subscribe(h);
  const Delivery rest = ReceiveOne(h);
  EXPECT_NE(rest.event.id, leased.event.id);
  EXPECT_EQ(rest.attempt, 1U);
  Acknowledge(h, {leased, rest});
  EXPECT_TRUE(NothingThere(h));
}

void ChangedSubscriptionCountsFromThenOn(Harness& h) {
  Subscribe(h, kSub, 5, {"A"});
  Publish(h, {MakeEvent("1", "A"), MakeEvent("2", "B")});
  Subscribe(h, kSub, 1, {"B"});
  Publish(h, {MakeEvent("3", "A"), MakeEvent("4", "B")});
  const auto all = ReceiveAll(h, 2);
  EXPECT_EQ(SortedIds(all), (Strings{"1", "4"}));
  for (const auto& d : all) {
    if (d.event.id == "4") {
      EXPECT_TRUE(h.bus().Retry(kSub, d.handle, milliseconds(0), "no"));
    }
  }
  const auto dead = Dead(h);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead.front().event.id, "4");
}

void PublishesBatches(Harness& h) {
  Subscribe(h);
  std::vector<Event> events;
  std::set<std::string> missing;
  for (int i = 0; i < 300; ++i) {
    events.push_back(MakeEvent(std::to_string(i)));
    missing.insert(events.back().id);
  }
  Publish(h, events);
  for (const auto& d : ReceiveAll(h, events.size())) EXPECT_EQ(missing.erase(d.event.id), 1U);
  EXPECT_TRUE(missing.empty());
}

void ReceivesNoMoreThanAsked(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a", "b", "c", "d", "e"});
  EXPECT_LE(ReceiveOnce(h.bus(), kSub, 2).size(), 2U);
  EXPECT_LE(ReceiveOnce(h.bus(), kSub, 1).size(), 1U);
}

void NothingToPublishOrAcknowledgeIsFine(Harness& h) {
  Subscribe(h);
  EXPECT_TRUE(h.bus().Publish({}));
  EXPECT_TRUE(h.bus().Acknowledge(kSub, {}));
  EXPECT_TRUE(NothingThere(h));
}

void OneIdTwiceIsNoError(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"same"});
  PublishIds(h, {"same", "same"});
  auto all = ReceiveAll(h, 3);
  EXPECT_GE(all.size(), 1U);
  for (const auto& d : all) EXPECT_EQ(d.event.id, "same");
  Acknowledge(h, all);
  PublishIds(h, {"same"});  // after it was done: an adapter may know it and drop it
  Acknowledge(h, ReceiveAll(h, 1));
  h.Advance(seconds(11));
  EXPECT_TRUE(NothingThere(h));
}

void AcknowledgedNeverComesBack(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery d = ReceiveOne(h);
  Acknowledge(h, {d});
  Acknowledge(h, {d});
  h.Advance(seconds(11));
  EXPECT_TRUE(NothingThere(h));
}

void AcknowledgesOnlyWhatIsNamed(Harness& h) {
  Subscribe(h);
  Subscribe(h, "other");
  PublishIds(h, {"a", "b", "c"});
  auto all = ReceiveAll(h, 3);
  ASSERT_EQ(all.size(), 3U);
  std::ranges::sort(all, {}, [](const Delivery& d) { return d.event.id; });
  // A handle means nothing elsewhere. Whether nonsense is an error is up to the adapter.
  (void)h.bus().Acknowledge("other", Strings{all[1].handle});
  (void)h.bus().Acknowledge(kSub, Strings{"", "nonsense", "1.1.1.1", "-1", std::string(10'000, '9')});
  Acknowledge(h, {all[0]});
  h.Advance(seconds(11));
  EXPECT_EQ(SortedIds(ReceiveAll(h, 2)), (Strings{"b", "c"}));
  EXPECT_EQ(SortedIds(ReceiveAll(h, 3, "other")), (Strings{"a", "b", "c"}));
}

}  // namespace

std::span<const Case<Harness>> DeliveryCases() {
  static constexpr Case<Harness> kCases[] = {
      {"DeliversWhatWasPublished", DeliversWhatWasPublished},
      {"CarriesEventsUntouched", CarriesEventsUntouched},
      {"RefusesOrCarriesWhatIsNoJson", RefusesOrCarriesWhatIsNoJson},
      {"FiltersByType", FiltersByType},
      {"NoTypesMeansAll", NoTypesMeansAll},
      {"NewSubscriptionStartsEmpty", NewSubscriptionStartsEmpty},
      {"EachSubscriptionHasItsCopy", EachSubscriptionHasItsCopy},
      {"ConsumersShareASubscription", ConsumersShareASubscription},
      {"EnsuringAgainKeepsEvents", EnsuringAgainKeepsEvents},
      {"ChangedSubscriptionCountsFromThenOn", ChangedSubscriptionCountsFromThenOn},
      {"PublishesBatches", PublishesBatches},
      {"ReceivesNoMoreThanAsked", ReceivesNoMoreThanAsked},
      {"NothingToPublishOrAcknowledgeIsFine", NothingToPublishOrAcknowledgeIsFine},
      {"OneIdTwiceIsNoError", OneIdTwiceIsNoError},
      {"AcknowledgedNeverComesBack", AcknowledgedNeverComesBack},
      {"AcknowledgesOnlyWhatIsNamed", AcknowledgesOnlyWhatIsNamed},
  };
  return kCases;
}

}  // namespace seshat::conformance::event_bus
