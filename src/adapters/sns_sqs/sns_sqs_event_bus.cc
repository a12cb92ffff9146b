#include "adapters/sns_sqs/sns_sqs_event_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "adapters/sns_sqs/dead_letter_queue.h"
#include "adapters/sns_sqs/handle.h"
#include "adapters/sns_sqs/message_body.h"
#include "adapters/sns_sqs/sns_client.h"
#include "adapters/sns_sqs/sqs_client.h"
#include "adapters/sns_sqs/subscription_setup.h"
#include "core/utf8.h"
#include "ports/event_bus_rules.h"

namespace seshat {
namespace sns_sqs {
namespace {

namespace rules = event_bus_rules;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A message with its attributes has 256 KiB; the type and what belongs to it take the last one.
constexpr size_t kMostTypeBytes = 512;
constexpr EventBus::Capabilities kCapabilities{
    .dead_letter_reasons = true, .several_processes = true, .max_event_bytes = kMostPublishBytes - 1024};
// How often a part of a batch is sent again before that is an error, and the first of the growing pauses between.
constexpr int kMostRounds = 6;
constexpr milliseconds kFirstPause{50};
// While a dead letter is moved nobody else may get it.
constexpr seconds kMoving{60};

uint64_t CountIn(const QueueAttributes& attributes, std::string_view name) {
  const auto it = attributes.find(std::string(name));
  uint64_t count = 0;
  if (it != attributes.end())
    std::from_chars(it->second.data(), it->second.data() + it->second.size(), count);
  return count;
}

// A wait of 1 ms must not become none: that would ask a part of SQS's servers only.
seconds WholeSeconds(milliseconds time) { return std::chrono::ceil<seconds>(time); }

class SnsSqsEventBus : public EventBus {
 public:
  SnsSqsEventBus(SnsSqsOptions options, Clock& clock, Random& random)
      : options_(std::move(options)),
        clock_(clock),
        random_(random),
        sns_(*options_.sns_sender, options_.sns),
        sqs_(*options_.sqs_sender, options_.sqs) {}

  const Capabilities& capabilities() const override { return kCapabilities; }

  Status EnsureSubscription(const SubscriptionSpec& spec) override;
  Status Publish(std::span<const Event> events) override;
  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        std::stop_token stop) override;
  Status Acknowledge(std::string_view subscription, std::span<const std::string> handles) override;
  Status Retry(std::string_view subscription, std::string_view handle, milliseconds delay,
               std::string_view reason) override;
  Status Extend(std::string_view subscription, std::string_view handle, milliseconds lease) override;
  Result<DeadLetterPage> DeadLetters(std::string_view subscription, std::string_view start_after,
                                     size_t limit) override;
  Result<uint64_t> Redrive(std::string_view subscription, std::span<const std::string> ids) override;
  Result<SubscriptionStats> Stats(std::string_view subscription) override;

 private:
  Status CheckName(std::string_view subscription) const;
  std::string Url(std::string_view queue) const { return names().queue_url(options_.sqs, queue); }
  const BusNames& names() const { return options_.names; }
  DeadLetterQueue Dead(std::string_view subscription) {
    return {sqs_, Url(names().dead_queue(subscription)), options_.drain_wait};
  }
  std::unexpected<Error> Explain(ServiceError error, std::string_view subscription,
                                 std::string_view what) const;

  Result<uint32_t> MaxAttempts(std::string_view subscription, bool fresh);
  Status PublishBatch(std::span<const Notification> batch);
  Status PublishEach(std::span<const Notification> notifications);
  std::unexpected<Error> ExplainPublish(ServiceError error) const;
  Status DeleteBatch(std::string_view subscription, std::vector<std::string> receipts);
  Result<std::vector<Delivery>> Sort(std::string_view subscription, std::span<const SqsMessage> messages);
  void Want(const SubscriptionSpec& spec);
  bool Wants(std::string_view subscription, std::string_view type);
  Status Bury(std::string_view subscription, const Handle& handle, std::string_view reason);
  Status MakeVisible(std::string_view subscription, std::string_view receipt, seconds delay);
  void Pause(int round);

  const SnsSqsOptions options_;
  Clock& clock_;
  Random& random_;
  SnsClient sns_;
  SqsClient sqs_;

  std::atomic<bool> one_by_one_ = false;  // batches were refused, single events were not
  std::mutex mutex_;
  std::map<std::string, uint32_t, std::less<>> max_attempts_;  // as the queues said last
  // The types of every spec that EnsureSubscription got; empty: one of the specs wants all.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> wanted_;
  // What DeadLetters has listed, for the pages after the first.
  std::map<std::string, std::vector<DeadLetter>, std::less<>> listed_;
};

Status SnsSqsEventBus::CheckName(std::string_view subscription) const {
  if (rules::CheckSpec({.name = std::string(subscription)}) && CheckSubscriptionName(names(), subscription))
    return {};
  return std::unexpected(rules::NoSubscription(subscription));
}

std::unexpected<Error> SnsSqsEventBus::Explain(ServiceError error, std::string_view subscription,
                                               std::string_view what) const {
  if (IsNoSuchQueue(error))
    return Fail(ErrorCode::kNotFound,
                fmt::format("there is no queue '{}' in account {}, region {}: run `seshat aws init`",
                            names().queue(subscription), names().account, names().region));
  return std::unexpected(std::move(error.error).WithContext(fmt::format("{} '{}'", what, subscription)));
}

void SnsSqsEventBus::Pause(int round) {
  const auto longest = kFirstPause * (1 << round);
  clock_.SleepFor(std::chrono::duration_cast<milliseconds>(longest * RandomUnit(random_)), {});
}

Status SnsSqsEventBus::EnsureSubscription(const SubscriptionSpec& spec) {
  SESHAT_TRY(rules::CheckSpec(spec));
  SESHAT_TRY(CheckSubscriptionName(names(), spec.name));
  Want(spec);
  if (options_.subscriptions == SnsSqsOptions::Subscriptions::kExpect) return {};
  SESHAT_ASSIGN_PLAIN(const std::string topic, sns_.CreateTopic(names().name, {}));
  if (topic != names().topic_arn())
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("bus.url means the topic {}, but these credentials make {}: correct the account or the "
                    "region",
                    names().topic_arn(), EscapeForTerminal(topic.substr(0, 300))));
  SubscriptionSetup setup(names(), sns_, sqs_);
  SESHAT_ASSIGN(const SubscriptionActual actual, setup.Look(spec.name));
  SESHAT_ASSIGN(const SubscriptionPlan plan, PlanSubscription(names(), spec, actual));
  SESHAT_TRY(setup.Apply(plan));
  const std::lock_guard lock(mutex_);
  max_attempts_.insert_or_assign(spec.name, spec.max_attempts);
  return {};
}

Status SnsSqsEventBus::Publish(std::span<const Event> events) {
  SESHAT_TRY(rules::CheckSize(events, kCapabilities.max_event_bytes));
  std::vector<Notification> notifications;
  notifications.reserve(events.size());
  for (const Event& event : events) {
    SESHAT_ASSIGN(std::string body, WriteMessageBody(event));
    if (event.type.empty() || SafeText(event.type, kMostTypeBytes) != event.type)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("an event's type has 1 to {} bytes of text, not '{}'", kMostTypeBytes,
                              EscapeForTerminal(event.type.substr(0, 100))));
    notifications.push_back({event.type, std::move(body)});
  }
  for (std::span<const Notification> rest = notifications; !rest.empty();) {
    const size_t count = FitsInBatch(rest);
    SESHAT_TRY(PublishBatch(rest.first(count)));
    rest = rest.subspan(count);
  }
  return {};
}

std::unexpected<Error> SnsSqsEventBus::ExplainPublish(ServiceError error) const {
  if (IsNoSuchTopic(error))
    return Fail(ErrorCode::kNotFound,
                fmt::format("there is no topic {}: run `seshat aws init`", names().topic_arn()));
  return std::unexpected(std::move(error.error).WithContext("publishing events"));
}

Status SnsSqsEventBus::PublishEach(std::span<const Notification> notifications) {
  for (const Notification& notification : notifications)
    if (auto done = sns_.PublishOne(names().topic_arn(), notification); !done)
      return ExplainPublish(std::move(done).error());
  return {};
}

Status SnsSqsEventBus::PublishBatch(std::span<const Notification> batch) {
  if (batch.size() == 1 || one_by_one_) return PublishEach(batch);
  std::vector<Notification> rest(batch.begin(), batch.end());
  for (int round = 0;; ++round) {
    auto failures = sns_.Publish(names().topic_arn(), rest);
    if (!failures) {
      if (!IsBatchRefused(failures.error())) return ExplainPublish(std::move(failures).error());
      SESHAT_TRY(PublishEach(rest));
      one_by_one_ = true;
      return {};
    }
    if (failures->empty()) return {};
    std::vector<Notification> again;
    for (const BatchFailure& failure : *failures) {
      const auto text =
          fmt::format("SNS refused an event: {} {}", failure.code, SafeText(failure.message, 300));
      if (failure.senders_fault) return Fail(ErrorCode::kInvalidArgument, text);
      if (round + 1 == kMostRounds) return Fail(ErrorCode::kUnavailable, text);
      again.push_back(std::move(rest[failure.index]));
    }
    rest = std::move(again);
    Pause(round);
  }
}

// The number of deliveries after which the queue gives an event up: what was read last, or `fresh`.
Result<uint32_t> SnsSqsEventBus::MaxAttempts(std::string_view subscription, bool fresh) {
  if (!fresh) {
    const std::lock_guard lock(mutex_);
    if (const auto it = max_attempts_.find(subscription); it != max_attempts_.end()) return it->second;
  }
  static constexpr std::array<std::string_view, 1> kNames{"RedrivePolicy"};
  auto attributes = sqs_.Attributes(Url(names().queue(subscription)), kNames);
  if (!attributes) return Explain(std::move(attributes).error(), subscription, "asking for the attempts of");
  const auto policy = attributes->find("RedrivePolicy");
  // Without dead letters there is no last attempt.
  uint32_t most = std::numeric_limits<uint32_t>::max();
  if (policy != attributes->end()) most = MaxReceiveCount(policy->second).value_or(most);
  const std::lock_guard lock(mutex_);
  max_attempts_.insert_or_assign(std::string(subscription), most);
  return most;
}

Result<std::vector<Delivery>> SnsSqsEventBus::Receive(std::string_view subscription,
                                                      const ReceiveOptions& options, std::stop_token stop) {
  SESHAT_TRY(rules::CheckReceive(options));
  SESHAT_TRY(CheckName(subscription));
  SESHAT_TRY(MaxAttempts(subscription, false));
  const auto deadline = clock_.SteadyNow() + options.wait;
  while (!stop.stop_requested()) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - clock_.SteadyNow());
    auto messages = sqs_.Receive(Url(names().queue(subscription)),
                                 {.most = std::min(options.max_events, kMostInBatch),
                                  .wait = WholeSeconds(std::max(left, milliseconds(0))),
                                  .invisible = WholeSeconds(options.lease)},
                                 stop);
    if (!messages) {
      if (messages.error().error.code == ErrorCode::kCancelled && stop.stop_requested()) break;
      return Explain(std::move(messages).error(), subscription, "receiving from");
    }
    const bool nothing = messages->empty();
    SESHAT_ASSIGN(auto deliveries, Sort(subscription, *messages));
    // Only what was no event, or none for us, came: that is gone now.
    if (nothing || !deliveries.empty()) return deliveries;
  }
  return std::vector<Delivery>();
}

// What was published under an earlier spec is still wanted, so types only ever become more.
void SnsSqsEventBus::Want(const SubscriptionSpec& spec) {
  const std::lock_guard lock(mutex_);
  const auto [it, fresh] = wanted_.try_emplace(spec.name, spec.types.begin(), spec.types.end());
  if (fresh) return;
  if (spec.types.empty()) it->second.clear();
  if (!it->second.empty()) it->second.insert(spec.types.begin(), spec.types.end());
}

bool SnsSqsEventBus::Wants(std::string_view subscription, std::string_view type) {
  const std::lock_guard lock(mutex_);
  const auto it = wanted_.find(subscription);
  return it == wanted_.end() || it->second.empty() || it->second.contains(type);
}

// Deliveries of those that are events of the wanted types; what is no event is buried. Other types come where
// the topic's link to the queue has no filter, or a wider one: nobody here would ever be done with them.
Result<std::vector<Delivery>> SnsSqsEventBus::Sort(std::string_view subscription,
                                                   std::span<const SqsMessage> messages) {
  SESHAT_ASSIGN(const uint32_t most, MaxAttempts(subscription, false));
  std::vector<Delivery> deliveries;
  std::vector<std::string> unwanted;
  for (const SqsMessage& message : messages) {
    auto event = ReadMessageBody(message.body);
    if (!event) {
      SESHAT_TRY(
          Bury(subscription, {message.receive_count, message.receipt, message.body}, event.error().message));
      continue;
    }
    if (!Wants(subscription, event->type)) {
      unwanted.push_back(message.receipt);
      continue;
    }
    const bool last = message.receive_count >= most;
    deliveries.push_back(
        {.event = *std::move(event),
         .handle = MakeHandle(message.receive_count, message.receipt, last ? message.body : ""),
         .attempt = std::max(message.receive_count, 1U)});
  }
  // Where this fails they come again; the wanted ones are not held up for that.
  if (!unwanted.empty()) (void)DeleteBatch(subscription, std::move(unwanted));
  return deliveries;
}

Status SnsSqsEventBus::Acknowledge(std::string_view subscription, std::span<const std::string> handles) {
  SESHAT_TRY(CheckName(subscription));
  std::set<std::string_view> receipts;
  for (const std::string& text : handles)
    if (const Handle handle = ParseHandle(text); handle.valid()) receipts.insert(handle.receipt);
  std::vector<std::string> batch;
  for (const auto receipt : receipts) {
    batch.emplace_back(receipt);
    if (batch.size() < kMostInBatch) continue;
    SESHAT_TRY(DeleteBatch(subscription, std::exchange(batch, {})));
  }
  return batch.empty() ? Status() : DeleteBatch(subscription, std::move(batch));
}

Status SnsSqsEventBus::DeleteBatch(std::string_view subscription, std::vector<std::string> receipts) {
  for (int round = 0;; ++round) {
    auto failures = sqs_.Delete(Url(names().queue(subscription)), receipts);
    if (!failures) return Explain(std::move(failures).error(), subscription, "acknowledging events of");
    std::vector<std::string> again;
    for (const BatchFailure& failure : *failures) {
      if (failure.senders_fault) continue;  // no delivery that is known: ignored, as the port wants it
      if (round + 1 == kMostRounds)
        return Fail(ErrorCode::kUnavailable, fmt::format("SQS did not remove an event: {} {}", failure.code,
                                                         SafeText(failure.message, 300)));
      again.push_back(std::move(receipts[failure.index]));
    }
    if (again.empty()) return {};
    receipts = std::move(again);
    Pause(round);
  }
}

Status SnsSqsEventBus::Retry(std::string_view subscription, std::string_view handle, milliseconds delay,
                             std::string_view reason) {
  SESHAT_TRY(rules::CheckDelay(delay));
  SESHAT_TRY(CheckName(subscription));
  const Handle parsed = ParseHandle(handle);
  if (!parsed.valid()) return {};
  SESHAT_ASSIGN(uint32_t most, MaxAttempts(subscription, false));
  if (parsed.attempt >= most) {
    // Somebody may have allowed more since.
    SESHAT_ASSIGN(most, MaxAttempts(subscription, true));
  }
  if (parsed.attempt >= most) return Bury(subscription, parsed, reason);
  return MakeVisible(subscription, parsed.receipt, WholeSeconds(delay));
}

// SQS ends all of a delivery's leases 12 hours after it: a longer delay is shortened until it fits.
Status SnsSqsEventBus::MakeVisible(std::string_view subscription, std::string_view receipt, seconds delay) {
  while (true) {
    auto changed = sqs_.ChangeVisibility(Url(names().queue(subscription)), receipt, delay);
    if (changed || IsEndedReceipt(changed.error())) return {};
    if (!IsBeyondLongest(changed.error()) || delay == seconds(0))
      return Explain(std::move(changed).error(), subscription, "delaying an event of");
    delay /= 2;
  }
}

Status SnsSqsEventBus::Bury(std::string_view subscription, const Handle& handle, std::string_view reason) {
  const std::string url = Url(names().queue(subscription));
  auto held = sqs_.ChangeVisibility(url, handle.receipt, handle.body.empty() ? seconds(0) : kMoving);
  if (!held) {
    if (IsEndedReceipt(held.error())) return {};
    return Explain(std::move(held).error(), subscription, "giving up an event of");
  }
  // Not kept here: when it is received next, SQS moves it by itself, without the reason.
  if (handle.body.empty()) return {};
  auto buried = Dead(subscription).Bury(handle.body, handle.attempt, reason);
  if (!buried) {
    const bool never =
        buried.error().error.code == ErrorCode::kPermissionDenied || IsNoSuchQueue(buried.error());
    if (never) return MakeVisible(subscription, handle.receipt, seconds(0));
    return Explain(std::move(buried).error(), subscription, "making a dead letter of");
  }
  // Where this fails the event is in both queues, and SQS will move it too: a second letter, and no event lost.
  return DeleteBatch(subscription, {std::string(handle.receipt)});
}

Status SnsSqsEventBus::Extend(std::string_view subscription, std::string_view handle, milliseconds lease) {
  SESHAT_TRY(rules::CheckLease(lease));
  SESHAT_TRY(CheckName(subscription));
  const Handle parsed = ParseHandle(handle);
  constexpr std::string_view kEnded = "the lease has ended and the event may be elsewhere: drop this work";
  if (!parsed.valid()) return Fail(ErrorCode::kNotFound, std::string(kEnded));
  auto changed = sqs_.ChangeVisibility(Url(names().queue(subscription)), parsed.receipt, WholeSeconds(lease));
  if (changed) return {};
  if (IsBeyondLongest(changed.error()))
    return Fail(ErrorCode::kNotFound, "SQS ends every lease 12 hours after the delivery: drop this work");
  if (IsEndedReceipt(changed.error())) return Fail(ErrorCode::kNotFound, std::string(kEnded));
  return Explain(std::move(changed).error(), subscription, "extending a lease of");
}

Result<DeadLetterPage> SnsSqsEventBus::DeadLetters(std::string_view subscription,
                                                   std::string_view start_after, size_t limit) {
  SESHAT_TRY(rules::CheckPage(limit));
  SESHAT_TRY(CheckName(subscription));
  std::vector<DeadLetter> letters;
  if (!start_after.empty()) {
    const std::lock_guard lock(mutex_);
    if (const auto it = listed_.find(subscription); it != listed_.end()) letters = std::move(it->second);
    listed_.erase(std::string(subscription));
  }
  if (letters.empty()) {
    SESHAT_ASSIGN(const uint32_t attempts, MaxAttempts(subscription, false));
    auto all = Dead(subscription).List(attempts);
    if (!all) return Explain(std::move(all).error(), subscription, "reading the dead letters of");
    letters = *std::move(all);
  }
  const auto begin = std::ranges::upper_bound(letters, start_after, {}, PlaceOf);
  DeadLetterPage page;
  const auto left = static_cast<size_t>(letters.end() - begin);
  page.letters.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min(limit, left)));
  if (left <= limit) return page;
  page.next_start_after = PlaceOf(page.letters.back());
  const std::lock_guard lock(mutex_);
  listed_.insert_or_assign(std::string(subscription), std::move(letters));
  return page;
}

Result<uint64_t> SnsSqsEventBus::Redrive(std::string_view subscription, std::span<const std::string> ids) {
  SESHAT_TRY(CheckName(subscription));
  auto redriven = Dead(subscription).Redrive(Url(names().queue(subscription)), ids);
  if (!redriven) return Explain(std::move(redriven).error(), subscription, "redriving the dead letters of");
  return *redriven;
}

Result<SubscriptionStats> SnsSqsEventBus::Stats(std::string_view subscription) {
  SESHAT_TRY(CheckName(subscription));
  static constexpr std::array<std::string_view, 3> kNames{"ApproximateNumberOfMessages",
                                                          "ApproximateNumberOfMessagesDelayed",
                                                          "ApproximateNumberOfMessagesNotVisible"};
  SubscriptionStats stats;
  auto live = sqs_.Attributes(Url(names().queue(subscription)), kNames);
  if (!live) return Explain(std::move(live).error(), subscription, "counting the events of");
  stats.ready = CountIn(*live, kNames[0]) + CountIn(*live, kNames[1]);
  stats.in_flight = CountIn(*live, kNames[2]);
  auto dead = sqs_.Attributes(Url(names().dead_queue(subscription)), kNames);
  if (!dead) return Explain(std::move(dead).error(), subscription, "counting the dead letters of");
  for (const auto name : kNames) stats.dead += CountIn(*dead, name);
  return stats;
}

}  // namespace
}  // namespace sns_sqs

Result<std::unique_ptr<EventBus>> MakeSnsSqsEventBus(SnsSqsOptions options, Clock& clock, Random& random) {
  if (!options.sns_sender || !options.sqs_sender)
    return Fail(ErrorCode::kInternal, "the event bus needs senders for SNS and SQS");
  return std::make_unique<sns_sqs::SnsSqsEventBus>(std::move(options), clock, random);
}

}  // namespace seshat
