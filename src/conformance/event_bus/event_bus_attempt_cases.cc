// What becomes of an event that is not acknowledged: leases, retries, dead letters, redriving, numbers.
#include <algorithm>

#include "conformance/event_bus/event_bus_steps.h"

namespace seshat::conformance::event_bus {
namespace {

using Strings = std::vector<std::string>;

void LeaseHoldsUntilItsEnd(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  ReceiveOne(h);
  h.Advance(seconds(7));
  EXPECT_TRUE(NothingThere(h));
}

void EndedLeaseDeliversAgain(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery first = ReceiveOne(h);
  for (uint32_t attempt = 2; attempt <= 5; ++attempt) {
    h.Advance(seconds(11));
    const Delivery again = ReceiveOne(h);
    EXPECT_EQ(again.attempt, attempt);
    EXPECT_EQ(Describe(again.event), Describe(first.event));
    EXPECT_NE(again.handle, first.handle);
  }
}

void LastEndedLeaseMakesADeadLetter(Harness& h) {
  Subscribe(h, kSub, 2);
  PublishIds(h, {"a"});
  ReceiveOne(h);
  h.Advance(seconds(11));
  EXPECT_EQ(ReceiveOne(h).attempt, 2U);
  EXPECT_TRUE(Dead(h).empty());
  h.Advance(seconds(11));
  EXPECT_TRUE(NothingThere(h));
  const auto dead = Dead(h);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(Describe(dead[0].event), Describe(MakeEvent("a")));
  EXPECT_EQ(dead[0].attempts, 2U);
  EXPECT_EQ(dead[0].reason, "");
  EXPECT_FALSE(dead[0].id.empty());
}

void LastRetryMakesADeadLetter(Harness& h) {
  Subscribe(h, kSub, 2);
  PublishIds(h, {"a"});
  EXPECT_TRUE(h.bus().Retry(kSub, ReceiveOne(h).handle, milliseconds(0), "not the last word"));
  EXPECT_TRUE(Dead(h).empty());
  EXPECT_TRUE(h.bus().Retry(kSub, ReceiveOne(h).handle, milliseconds(0), "disk \xE2\x82\xAC '\" full"));
  EXPECT_TRUE(NothingThere(h));
  const auto dead = Dead(h);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].attempts, 2U);
  EXPECT_EQ(dead[0].reason, h.bus().capabilities().dead_letter_reasons ? "disk \xE2\x82\xAC '\" full" : "");
}

void RetryDelays(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  EXPECT_TRUE(h.bus().Retry(kSub, ReceiveOne(h).handle, seconds(20), "later"));
  h.Advance(seconds(15));
  EXPECT_TRUE(NothingThere(h));
  h.Advance(seconds(6));
  EXPECT_EQ(ReceiveOne(h).attempt, 2U);
}

void RetryAtOnce(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  EXPECT_TRUE(h.bus().Retry(kSub, ReceiveOne(h).handle, milliseconds(0), "again"));
  EXPECT_EQ(ReceiveOne(h).attempt, 2U);
}

void RetryOfAnEndedLeaseIsIgnored(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery old = ReceiveOne(h);
  h.Advance(seconds(11));
  EXPECT_TRUE(h.bus().Retry(kSub, old.handle, seconds(1000), "too late"));
  const Delivery current = ReceiveOne(h);
  EXPECT_EQ(current.attempt, 2U);
  EXPECT_TRUE(h.bus().Retry(kSub, old.handle, milliseconds(0), "too late"));
  EXPECT_TRUE(NothingThere(h));
  Acknowledge(h, {current});
  h.Advance(seconds(11));
  EXPECT_TRUE(NothingThere(h));
}

void AcknowledgeCountsAfterTheLease(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery d = ReceiveOne(h);
  h.Advance(seconds(11));
  Acknowledge(h, {d});
  EXPECT_TRUE(NothingThere(h));
}

void AcknowledgeOfAnOldDeliveryIsIgnored(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery old = ReceiveOne(h);
  h.Advance(seconds(11));
  const Delivery current = ReceiveOne(h);
  Acknowledge(h, {old});
  h.Advance(seconds(11));
  EXPECT_EQ(ReceiveOne(h).attempt, 3U);
  (void)current;
}

void ExtendHoldsOn(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery d = ReceiveOne(h);
  h.Advance(seconds(7));
  EXPECT_TRUE(h.bus().Extend(kSub, d.handle, seconds(10)));
  h.Advance(seconds(7));
  EXPECT_TRUE(NothingThere(h));
  EXPECT_TRUE(h.bus().Extend(kSub, d.handle, seconds(2)));  // from now, so it can be the shorter one
  h.Advance(seconds(3));
  EXPECT_EQ(ReceiveOne(h).attempt, 2U);
}

void ExtendAfterTheEndIsNotFound(Harness& h) {
  Subscribe(h);
  PublishIds(h, {"a"});
  const Delivery old = ReceiveOne(h);
  h.Advance(seconds(11));
  const auto late = h.bus().Extend(kSub, old.handle, seconds(10));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kNotFound);
  const Delivery current = ReceiveOne(h);
  EXPECT_FALSE(h.bus().Extend(kSub, old.handle, seconds(10)));
  EXPECT_TRUE(h.bus().Extend(kSub, current.handle, seconds(10)));
  Acknowledge(h, {current});
  EXPECT_FALSE(h.bus().Extend(kSub, current.handle, seconds(10)));
}

void RedrivesOne(Harness& h) {
  Subscribe(h, kSub, 1);
  Bury(h, {"a", "b"});
  std::string id;
  for (const auto& letter : Dead(h))
    if (letter.event.id == "b") id = letter.id;
  const auto count = h.bus().Redrive(kSub, Strings{id});
  ASSERT_TRUE(count) << count.error().ToString();
  EXPECT_EQ(*count, 1U);
  EXPECT_EQ(SortedIds(ReceiveAll(h, 2)), Strings{"b"});
  ASSERT_EQ(Dead(h).size(), 1U);
  EXPECT_EQ(Dead(h)[0].event.id, "a");
}

void RedrivesAll(Harness& h) {
  Subscribe(h, kSub, 1);
  Bury(h, {"a", "b", "c"});
  const auto count = h.bus().Redrive(kSub, {});
  ASSERT_TRUE(count) << count.error().ToString();
  EXPECT_EQ(*count, 3U);
  EXPECT_TRUE(Dead(h).empty());
  EXPECT_EQ(SortedIds(ReceiveAll(h, 3)), (Strings{"a", "b", "c"}));
}

void RedriveGivesAllAttemptsAgain(Harness& h) {
  Subscribe(h, kSub, 2);
  PublishIds(h, {"a"});
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(h.bus().Retry(kSub, ReceiveOne(h).handle, milliseconds(0), "no"));
  EXPECT_EQ(h.bus().Redrive(kSub, {}).value_or(0), 1U);
  EXPECT_EQ(ReceiveOne(h).attempt, 1U);
  h.Advance(seconds(11));
  const Delivery second = ReceiveOne(h);
  EXPECT_EQ(second.attempt, 2U);
  Acknowledge(h, {second});
  h.Advance(seconds(11));
  EXPECT_TRUE(NothingThere(h));
  EXPECT_TRUE(Dead(h).empty());
}

void OldHandlesAreNothingAfterARedrive(Harness& h) {
  Subscribe(h, kSub, 1);
  PublishIds(h, {"a"});
  const Delivery old = ReceiveOne(h);
  EXPECT_TRUE(h.bus().Retry(kSub, old.handle, milliseconds(0), "no"));
  EXPECT_EQ(h.bus().Redrive(kSub, {}).value_or(0), 1U);
  const Delivery current = ReceiveOne(h);
  EXPECT_NE(current.handle, old.handle);
  Acknowledge(h, {old});
  h.Advance(seconds(11));
  EXPECT_TRUE(NothingThere(h));
  EXPECT_EQ(Dead(h).size(), 1U);
}

void RedriveIgnoresWhatItDoesNotKnow(Harness& h) {
  Subscribe(h, kSub, 1);
  Bury(h, {"a"});
  PublishIds(h, {"alive"});
  EXPECT_EQ(h.bus().Redrive(kSub, Strings{"", "nonsense", "4711", "a"}).value_or(99), 0U);
  EXPECT_EQ(Dead(h).size(), 1U);
}

void DeadLettersComeInPagesOldestFirst(Harness& h) {
  Subscribe(h, kSub, 1);
  const Strings ids = {"g", "a", "f", "b", "e", "c", "d"};
  Bury(h, ids);
  Strings seen;
  std::string after;
  for (int pages = 0; pages < 8; ++pages) {
    const auto page = h.bus().DeadLetters(kSub, after, 3);
    ASSERT_TRUE(page) << page.error().ToString();
    EXPECT_LE(page->letters.size(), 3U);
    for (const auto& letter : page->letters) seen.push_back(letter.event.id);
    after = page->next_start_after;
    if (after.empty()) break;
  }
  EXPECT_EQ(after, "");
  EXPECT_EQ(seen, ids);
}

void DeadLettersSayWhenTheyDied(Harness& h) {
  Subscribe(h, kSub, 1);
  Bury(h, {"a", "b"});
  const auto dead = Dead(h);
  ASSERT_EQ(dead.size(), 2U);
  EXPECT_GE(dead[1].died_at - dead[0].died_at, milliseconds(900));
}

void StatsCount(Harness& h) {
  Subscribe(h, kSub, 1);
  if (!h.bus().capabilities().exact_stats) GTEST_SKIP() << "its numbers are estimates";
  const auto count = [&] { return h.bus().Stats(kSub).value_or(SubscriptionStats{99, 99, 99, {}}); };
  EXPECT_EQ(count().ready + count().in_flight + count().dead, 0U);
  EXPECT_FALSE(count().oldest_age);
  Bury(h, {"dead"});
  Subscribe(h, kSub, 2);
  PublishIds(h, {"a", "b", "c"});
  h.Advance(seconds(5));
  const auto two = ReceiveAll(h, 2);
  EXPECT_TRUE(h.bus().Retry(kSub, two.at(0).handle, seconds(100), "later"));
  auto stats = count();
  EXPECT_EQ(stats.ready, 2U);
  EXPECT_EQ(stats.in_flight, 1U);
  EXPECT_EQ(stats.dead, 1U);
  EXPECT_GE(stats.oldest_age.value_or(milliseconds(0)), seconds(5));
  EXPECT_LT(stats.oldest_age.value_or(seconds(99)), seconds(6));
  h.Advance(seconds(11));
  stats = count();
  EXPECT_EQ(stats.ready, 3U);
  EXPECT_EQ(stats.in_flight, 0U);
}

void ReopenedBusKeepsEverything(Harness& h) {
  Subscribe(h, kSub, 2);
  PublishIds(h, {"dead"});
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(h.bus().Retry(kSub, ReceiveOne(h).handle, milliseconds(0), "why"));
  PublishIds(h, {"done"});
  Acknowledge(h, {ReceiveOne(h)});
  PublishIds(h, {"leased"});
  const Delivery leased = ReceiveOne(h);
  PublishIds(h, {"waiting"});
  if (!h.Reopen()) GTEST_SKIP() << "it keeps nothing";
  EXPECT_EQ(ReceiveOne(h).event.id, "waiting");
  EXPECT_TRUE(NothingThere(h));
  EXPECT_TRUE(h.bus().Extend(kSub, leased.handle, seconds(5)));
  h.Advance(seconds(6));
  const Delivery again = ReceiveOne(h);
  EXPECT_EQ(again.event.id, "leased");
  EXPECT_EQ(again.attempt, 2U);
  EXPECT_EQ(Dead(h).size(), 1U);
}

}  // namespace

std::span<const Case<Harness>> AttemptCases() {
  static constexpr Case<Harness> kCases[] = {
      {"LeaseHoldsUntilItsEnd", LeaseHoldsUntilItsEnd},
      {"EndedLeaseDeliversAgain", EndedLeaseDeliversAgain},
      {"LastEndedLeaseMakesADeadLetter", LastEndedLeaseMakesADeadLetter},
      {"LastRetryMakesADeadLetter", LastRetryMakesADeadLetter},
      {"RetryDelays", RetryDelays},
      {"RetryAtOnce", RetryAtOnce},
      {"RetryOfAnEndedLeaseIsIgnored", RetryOfAnEndedLeaseIsIgnored},
      {"AcknowledgeCountsAfterTheLease", AcknowledgeCountsAfterTheLease},
      {"AcknowledgeOfAnOldDeliveryIsIgnored", AcknowledgeOfAnOldDeliveryIsIgnored},
      {"ExtendHoldsOn", ExtendHoldsOn},
      {"ExtendAfterTheEndIsNotFound", ExtendAfterTheEndIsNotFound},
      {"RedrivesOne", RedrivesOne},
      {"RedrivesAll", RedrivesAll},
      {"RedriveGivesAllAttemptsAgain", RedriveGivesAllAttemptsAgain},
      {"OldHandlesAreNothingAfterARedrive", OldHandlesAreNothingAfterARedrive},
      {"RedriveIgnoresWhatItDoesNotKnow", RedriveIgnoresWhatItDoesNotKnow},
      {"DeadLettersComeInPagesOldestFirst", DeadLettersComeInPagesOldestFirst},
      {"DeadLettersSayWhenTheyDied", DeadLettersSayWhenTheyDied},
      {"StatsCount", StatsCount},
      {"ReopenedBusKeepsEverything", ReopenedBusKeepsEverything},
  };
  return kCases;
}

}  // namespace seshat::conformance::event_bus
