// Every case of the event bus suite fails on at least one of these.
#include "conformance/event_bus/event_bus_suite.h"

#include <algorithm>

#include "broken_event_buses.h"

namespace seshat::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Base = EventBusDecorator;
using Deliveries = std::vector<Delivery>;
using Received = Result<Deliveries>;
using Names = std::vector<std::string>;

struct LosesEvents : Base {
  using Base::Base;
  Status Publish(std::span<const Event>) override { return {}; }
};

struct CutsAtNul : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto got = Base::Receive(s, o, stop);
    if (got)
      for (auto& d : *got) d.event.data = d.event.data.c_str();
    return got;
  }
};

struct ReplacesUnicode : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto got = Base::Receive(s, o, stop);
    if (got)
      for (auto& d : *got)
        std::ranges::replace_if(d.event.data, [](char c) { return static_cast<unsigned char>(c) > 0x7F; }, '?');
    return got;
  }
};

struct IgnoresTypes : Base {
  using Base::Base;
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    auto all = spec;
    all.types.clear();
    return Base::EnsureSubscription(all);
  }
};

struct NoTypesMeansNone : Base {
  using Base::Base;
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    auto some = spec;
    if (some.types.empty()) some.types = {"SessionMigratedEvent"};
    return Base::EnsureSubscription(some);
  }
};

struct ReplaysHistory : Base {
  using Base::Base;
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    auto made = Base::EnsureSubscription(spec);
    return made ? Base::Publish(history) : made;
  }
  Status Publish(std::span<const Event> events) override {
    history.insert(history.end(), events.begin(), events.end());
    return Base::Publish(events);
  }
  std::vector<Event> history;
};

struct OneCopyForAll : Base {
  using Base::Base;
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    if (first.empty()) first = spec.name;
    return Base::EnsureSubscription(spec);
  }
  Received Receive(std::string_view, const ReceiveOptions& o, std::stop_token stop) override {
    return Base::Receive(first, o, stop);
  }
  Status Acknowledge(std::string_view, std::span<const std::string> handles) override {
    return Base::Acknowledge(first, handles);
  }
  std::string first;
};

struct EnsuringEmpties : Base {
  using Base::Base;
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    auto made = Base::EnsureSubscription(spec);
    while (made) {
      const auto got = Base::Receive(spec.name, {.wait = milliseconds(0)}, {});
      if (!got || got->empty()) break;
      for (const auto& d : *got) (void)Base::Acknowledge(spec.name, std::array{d.handle});
    }
    return made;
  }
};

struct EnsuresOnce : Base {
  using Base::Base;
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    return known.insert(spec.name).second ? Base::EnsureSubscription(spec) : Status();
  }
  std::set<std::string> known;
};

struct TenInABatch : Base {
  using Base::Base;
  Status Publish(std::span<const Event> events) override {
    return Base::Publish(events.first(std::min<size_t>(10, events.size())));
  }
};

struct GivesMoreThanAsked : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto more = o;
    more.max_events = 1000;
    return Base::Receive(s, more, stop);
  }
};

struct RefusesNothing : Base {  // nothing to publish, or to acknowledge
  using Base::Base;
  Status Publish(std::span<const Event> events) override {
    if (events.empty()) return Fail(ErrorCode::kInvalidArgument, "empty");
    return Base::Publish(events);
  }
};

struct RefusesDuplicates : Base {
  using Base::Base;
  Status Publish(std::span<const Event> events) override {
    for (const auto& e : events)
      if (!ids.insert(e.id).second) return Fail(ErrorCode::kAlreadyExists, "seen before");
    return Base::Publish(events);
  }
  std::set<std::string> ids;
};

struct ForgetsAcknowledgements : Base {
  using Base::Base;
  Status Acknowledge(std::string_view, std::span<const std::string>) override { return {}; }
};

struct AcknowledgesAll : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto got = Base::Receive(s, o, stop);
    if (got)
      for (const auto& d : *got) all.push_back(d.handle);
    return got;
  }
  Status Acknowledge(std::string_view s, std::span<const std::string>) override { return Base::Acknowledge(s, all); }
  Names all;
};

struct AcknowledgesInTimeOnly : Base {
  using Base::Base;
  Status Acknowledge(std::string_view s, std::span<const std::string> handles) override {
    for (const auto& handle : handles)
      if (Base::Extend(s, handle, hours(1))) (void)Base::Acknowledge(s, std::array{handle});
    return {};
  }
};

// A handle names the event, not the delivery: the old consumer speaks for the new one.
struct HandleNamesTheEvent : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto got = Base::Receive(s, o, stop);
    if (got)
      for (auto& d : *got) newest[d.event.id] = std::exchange(d.handle, d.event.id);
    return got;
  }
  Status Acknowledge(std::string_view s, std::span<const std::string> handles) override {
    Names real;
    for (const auto& handle : handles) real.push_back(newest[handle]);
    return Base::Acknowledge(s, real);
  }
  Status Retry(std::string_view s, std::string_view handle, milliseconds delay, std::string_view r) override {
    return Base::Retry(s, newest[std::string(handle)], delay, r);
  }
  Status Extend(std::string_view s, std::string_view handle, milliseconds lease) override {
    return Base::Extend(s, newest[std::string(handle)], lease);
  }
  std::map<std::string, std::string> newest;
};

template <int kMilliseconds>
struct LeaseOf : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto other = o;
    if (o.lease > milliseconds(0) && o.lease < hours(12)) other.lease = milliseconds(kMilliseconds);
    return Base::Receive(s, other, stop);
  }
};
using ShortLeases = LeaseOf<5'000>;
using EndlessLeases = LeaseOf<12 * 3600 * 1000>;

struct NeverGivesUp : Base {
  using Base::Base;
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    auto other = spec;
    other.max_attempts = 1000;
    return Base::EnsureSubscription(other);
  }
};

struct LosesReasons : Base {
  using Base::Base;
  Status Retry(std::string_view s, std::string_view h, milliseconds delay, std::string_view) override {
    return Base::Retry(s, h, delay, "");
  }
};

struct RetriesAtOnce : Base {
  using Base::Base;
  Status Retry(std::string_view s, std::string_view h, milliseconds delay, std::string_view r) override {
    return Base::Retry(s, h, std::min(delay, milliseconds(0)), r);
  }
};

struct IgnoresRetries : Base {
  using Base::Base;
  Status Retry(std::string_view, std::string_view, milliseconds, std::string_view) override { return {}; }
};

struct ExtendsNothing : Base {
  using Base::Base;
  Status Extend(std::string_view, std::string_view, milliseconds) override { return {}; }
};

struct RedrivesEverything : Base {
  using Base::Base;
  Result<uint64_t> Redrive(std::string_view s, std::span<const std::string>) override { return Base::Redrive(s, {}); }
};

struct RedrivesNothing : Base {
  using Base::Base;
  Result<uint64_t> Redrive(std::string_view, std::span<const std::string>) override { return 0; }
};

struct RedriveKeepsAttempts : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto got = Base::Receive(s, o, stop);
    if (got)
      for (auto& d : *got) d.attempt = ++attempts[d.event.id];
    return got;
  }
  std::map<std::string, uint32_t> attempts;
};

struct FirstPageOnly : Base {
  using Base::Base;
  Result<DeadLetterPage> DeadLetters(std::string_view s, std::string_view, size_t limit) override {
    return Base::DeadLetters(s, "", limit);
  }
};

struct DeadSinceEver : Base {
  using Base::Base;
  Result<DeadLetterPage> DeadLetters(std::string_view s, std::string_view after, size_t limit) override {
    auto page = Base::DeadLetters(s, after, limit);
    if (page)
      for (auto& letter : page->letters) letter.died_at = {};
    return page;
  }
};

struct CountsNothing : Base {
  using Base::Base;
  Result<SubscriptionStats> Stats(std::string_view) override { return SubscriptionStats{}; }
};

struct RefusesNoOne : Base {  // says yes to what is out of range
  using Base::Base;
  static Status Yes(Status status) {
    const bool refused = !status && status.error().code == ErrorCode::kInvalidArgument;
    return refused ? Status() : status;
  }
  Status EnsureSubscription(const SubscriptionSpec& spec) override { return Yes(Base::EnsureSubscription(spec)); }
  Status Publish(std::span<const Event> events) override { return Yes(Base::Publish(events)); }
  Status Extend(std::string_view s, std::string_view h, milliseconds lease) override {
    return Yes(Base::Extend(s, h, lease));
  }
};

struct MakesSubscriptionsUp : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto got = Base::Receive(s, o, stop);
    return got || got.error().code != ErrorCode::kNotFound ? std::move(got) : Deliveries();
  }
};

// Looks once and then sleeps the whole wait, whatever is published meanwhile.
struct SleepsThroughIt : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto now = o;
    now.wait = milliseconds(0);
    auto got = Base::Receive(s, now, stop);
    if (!got || !got->empty() || o.wait.count() <= 0) return got;
    clock_.SleepFor(o.wait, stop);
    return Base::Receive(s, now, stop);
  }
};

struct WaitsForTheMaximum : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto longer = o;
    if (o.wait > milliseconds(0) && o.wait < seconds(20)) longer.wait = seconds(20);
    return Base::Receive(s, longer, stop);
  }
};

struct DeafToStop : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token) override {
    return Base::Receive(s, o, {});
  }
};

struct DeliversTwiceAtTimes : Base {
  using Base::Base;
  Received Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    auto got = Base::Receive(s, o, stop);
    const std::lock_guard lock(mutex);
    if (got && !got->empty() && ++calls % 5 == 0) got->push_back(got->front());
    return got;
  }
  std::mutex mutex;
  int calls = 0;
};

// Keeps nothing, and says it does.
class ForgetfulHarness : public MemoryBusHarness {
 public:
  bool Reopen() override {
    bus_ = memory_event_bus::MakeMemoryEventBus(clock_);
    return bus_->EnsureSubscription({.name = "consumer"}).has_value();
  }
};

struct ClaimsSeveralProcesses : Base {
  using Base::Base;
  const Capabilities& capabilities() const override {
    static const Capabilities kMore{.dead_letter_reasons = true, .exact_stats = true, .several_processes = true};
    return kMore;
  }
};

class LonelyHarness : public BrokenBusHarness<ClaimsSeveralProcesses> {
 public:
  std::unique_ptr<EventBus> Another() override {
    auto other = memory_event_bus::MakeMemoryEventBus(clock_);
    return other->EnsureSubscription({.name = "consumer"}) ? std::move(other) : nullptr;
  }
};

using Broken = conformance::BrokenAdapter<conformance::EventBusHarness>;

template <typename T>
Broken Make(const char* name, std::vector<std::string_view> found_by) {
  return {name, [] { return std::make_unique<BrokenBusHarness<T>>(); }, std::move(found_by)};
}

std::vector<Broken> BrokenBuses() {
  return {
      Make<LosesEvents>("LosesEvents", {"DeliversWhatWasPublished"}),
      Make<CutsAtNul>("CutsAtNul", {"RefusesOrCarriesWhatIsNoJson"}),
      Make<ReplacesUnicode>("ReplacesUnicode", {"CarriesEventsUntouched", "RefusesOrCarriesWhatIsNoJson"}),
      Make<IgnoresTypes>("IgnoresTypes", {"FiltersByType"}),
      Make<NoTypesMeansNone>("NoTypesMeansNone", {"NoTypesMeansAll"}),
      Make<ReplaysHistory>("ReplaysHistory", {"NewSubscriptionStartsEmpty", "EnsuringAgainKeepsEvents"}),
      Make<OneCopyForAll>("OneCopyForAll", {"EachSubscriptionHasItsCopy"}),
      Make<EnsuringEmpties>("EnsuringEmpties", {"EnsuringAgainKeepsEvents"}),
      Make<EnsuresOnce>("EnsuresOnce", {"ChangedSubscriptionCountsFromThenOn"}),
      Make<TenInABatch>("TenInABatch", {"PublishesBatches"}),
      Make<GivesMoreThanAsked>("GivesMoreThanAsked", {"ReceivesNoMoreThanAsked", "ConsumersShareASubscription"}),
      Make<RefusesNothing>("RefusesNothing", {"NothingToPublishOrAcknowledgeIsFine"}),
      Make<RefusesDuplicates>("RefusesDuplicates", {"OneIdTwiceIsNoError"}),
      Make<ForgetsAcknowledgements>("ForgetsAcknowledgements", {"AcknowledgedNeverComesBack", "OneIdTwiceIsNoError"}),
      Make<AcknowledgesAll>("AcknowledgesAll", {"AcknowledgesOnlyWhatIsNamed"}),
      Make<AcknowledgesInTimeOnly>("AcknowledgesInTimeOnly", {"AcknowledgeCountsAfterTheLease"}),
      Make<HandleNamesTheEvent>(
          "HandleNamesTheEvent",
          {"AcknowledgeOfAnOldDeliveryIsIgnored", "RetryOfAnEndedLeaseIsIgnored", "OldHandlesAreNothingAfterARedrive"}),
      Make<ShortLeases>("ShortLeases", {"LeaseHoldsUntilItsEnd", "ExtendHoldsOn"}),
      Make<EndlessLeases>("EndlessLeases",
                          {"EndedLeaseDeliversAgain", "LastEndedLeaseMakesADeadLetter", "ExtendAfterTheEndIsNotFound"}),
      Make<NeverGivesUp>("NeverGivesUp", {"LastEndedLeaseMakesADeadLetter", "LastRetryMakesADeadLetter"}),
      Make<LosesReasons>("LosesReasons", {"LastRetryMakesADeadLetter"}),
      Make<RetriesAtOnce>("RetriesAtOnce", {"RetryDelays"}),
      Make<IgnoresRetries>("IgnoresRetries", {"RetryAtOnce", "DelayedEventEndsTheWait"}),
      Make<ExtendsNothing>("ExtendsNothing", {"ExtendHoldsOn", "ExtendAfterTheEndIsNotFound"}),
      Make<RedrivesEverything>("RedrivesEverything", {"RedrivesOne", "RedriveIgnoresWhatItDoesNotKnow"}),
      Make<RedrivesNothing>("RedrivesNothing", {"RedrivesAll", "RedrivesOne"}),
      Make<RedriveKeepsAttempts>("RedriveKeepsAttempts", {"RedriveGivesAllAttemptsAgain"}),
      Make<FirstPageOnly>("FirstPageOnly", {"DeadLettersComeInPagesOldestFirst"}),
      Make<DeadSinceEver>("DeadSinceEver", {"DeadLettersSayWhenTheyDied"}),
      Make<CountsNothing>("CountsNothing", {"StatsCount"}),
      Make<RefusesNoOne>("RefusesNoOne", {"RefusesBigEvents", "RefusesBadSubscriptions", "RefusesValuesOutOfRange"}),
      Make<MakesSubscriptionsUp>("MakesSubscriptionsUp", {"UnknownSubscriptionIsNotFound"}),
      Make<SleepsThroughIt>("SleepsThroughIt",
                            {"PublishEndsTheWait", "EndedLeaseEndsTheWait", "DelayedEventEndsTheWait"}),
      Make<WaitsForTheMaximum>("WaitsForTheMaximum", {"WaitEndsInTime"}),
      Make<DeafToStop>("DeafToStop", {"StopEndsTheWait"}),
      Make<DeliversTwiceAtTimes>("DeliversTwiceAtTimes", {"EachEventOnceWhenNobodyDies"}),
      {"KeepsNothing", [] { return std::make_unique<ForgetfulHarness>(); }, {"ReopenedBusKeepsEverything"}},
      {"KeepsToItself", [] { return std::make_unique<LonelyHarness>(); }, {"SeveralBusesShareOneState"}},
  };
}

}  // namespace
}  // namespace seshat::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  seshat::conformance::RegisterBrokenAdapters<seshat::conformance::EventBusHarness>(
      "EventBus", seshat::conformance::EventBusCases(), seshat::testing::BrokenBuses());
  return RUN_ALL_TESTS();
}
