#include "adapters/sns_sqs/sns_sqs_event_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <mutex>

#include "adapters/sns_sqs/consumer.h"
#include "adapters/sns_sqs/dead_letter_queue.h"
#include "adapters/sns_sqs/publisher.h"
#include "adapters/sns_sqs/queues.h"
#include "adapters/sns_sqs/sns_client.h"
#include "adapters/sns_sqs/sqs_client.h"
#include "adapters/sns_sqs/subscription_setup.h"
#include "core/base/utf8.h"
#include "ports/event_bus_rules.h"

namespace seshat::sns_sqs {
namespace {

namespace rules = event_bus_rules;
using std::chrono::milliseconds;

constexpr EventBus::Capabilities kCapabilities{
    .dead_letter_reasons = true, .several_processes = true, .max_event_bytes = kMaxEventBytes};

uint64_t CountIn(const QueueAttributes& attributes, std::string_view name) {
  const auto it = attributes.find(std::string(name));
  uint64_t count = 0;
  if (it != attributes.end()) std::from_chars(it->second.data(), it->second.data() + it->second.size(), count);
  return count;
}

class SnsSqsEventBus : public EventBus {
 public:
  SnsSqsEventBus(SnsSqsOptions options, Clock& clock, Random& random)
      : options_(std::move(options)),
        sns_(*options_.sns_sender, options_.sns),
        sqs_(*options_.sqs_sender, options_.sqs),
        publisher_(sns_, names().topic_arn(), clock, random),
        queues_(names(), sqs_, options_.drain_wait, clock, random),
        consumer_(queues_, sqs_, clock) {}

  const Capabilities& capabilities() const override { return kCapabilities; }

  Status EnsureSubscription(const SubscriptionSpec& spec) override;
  Status Publish(std::span<const Event> events) override { return publisher_.Publish(events); }
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
  const BusNames& names() const { return options_.names; }

  const SnsSqsOptions options_;
  SnsClient sns_;
  SqsClient sqs_;
  Publisher publisher_;
  Queues queues_;
  Consumer consumer_;
  std::mutex mutex_;
  // What DeadLetters has listed, for the pages after the first.
  std::map<std::string, std::vector<DeadLetter>, std::less<>> listed_;
};

Status SnsSqsEventBus::CheckName(std::string_view subscription) const {
  if (rules::CheckSpec({.name = std::string(subscription)}) && CheckSubscriptionName(names(), subscription)) return {};
  return std::unexpected(rules::NoSubscription(subscription));
}

Status SnsSqsEventBus::EnsureSubscription(const SubscriptionSpec& spec) {
  SESHAT_TRY(rules::CheckSpec(spec));
  SESHAT_TRY(CheckSubscriptionName(names(), spec.name));
  consumer_.Want(spec);
  if (options_.subscriptions == SnsSqsOptions::Subscriptions::kExpect) return {};
  SESHAT_ASSIGN_PLAIN(const std::string topic, sns_.CreateTopic(names().name, {}));
  if (topic != names().topic_arn())
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("bus.url means the topic {}, but these credentials make {}: correct the account or the "
                            "region",
                            names().topic_arn(), EscapeForTerminal(topic.substr(0, 300))));
  SubscriptionSetup setup(names(), sns_, sqs_);
  SESHAT_ASSIGN(const SubscriptionActual actual, setup.Look(spec.name));
  SESHAT_ASSIGN(const SubscriptionPlan plan, PlanSubscription(names(), spec, actual));
  SESHAT_TRY(setup.Apply(plan));
  queues_.SetMaxAttempts(spec.name, spec.max_attempts);
  return {};
}

Result<std::vector<Delivery>> SnsSqsEventBus::Receive(std::string_view subscription, const ReceiveOptions& options,
                                                      std::stop_token stop) {
  SESHAT_TRY(rules::CheckReceive(options));
  SESHAT_TRY(CheckName(subscription));
  return consumer_.Receive(subscription, options, stop);
}

Status SnsSqsEventBus::Acknowledge(std::string_view subscription, std::span<const std::string> handles) {
  SESHAT_TRY(CheckName(subscription));
  return consumer_.Acknowledge(subscription, handles);
}

Status SnsSqsEventBus::Retry(std::string_view subscription, std::string_view handle, milliseconds delay,
                             std::string_view reason) {
  SESHAT_TRY(rules::CheckDelay(delay));
  SESHAT_TRY(CheckName(subscription));
  return consumer_.Retry(subscription, handle, delay, reason);
}

Status SnsSqsEventBus::Extend(std::string_view subscription, std::string_view handle, milliseconds lease) {
  SESHAT_TRY(rules::CheckLease(lease));
  SESHAT_TRY(CheckName(subscription));
  return consumer_.Extend(subscription, handle, lease);
}

Result<DeadLetterPage> SnsSqsEventBus::DeadLetters(std::string_view subscription, std::string_view start_after,
                                                   size_t limit) {
  SESHAT_TRY(rules::CheckPage(limit));
  SESHAT_TRY(CheckName(subscription));
  std::vector<DeadLetter> letters;
  if (!start_after.empty()) {
    const std::lock_guard lock(mutex_);
    if (const auto it = listed_.find(subscription); it != listed_.end()) letters = std::move(it->second);
    listed_.erase(std::string(subscription));
  }
  if (letters.empty()) {
    SESHAT_ASSIGN(const uint32_t attempts, queues_.MaxAttempts(subscription));
    auto all = queues_.Dead(subscription).List(attempts);
    if (!all) return queues_.Explain(std::move(all).error(), subscription, "reading the dead letters of");
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
  auto redriven = queues_.Dead(subscription).Redrive(queues_.Url(subscription), ids);
  if (!redriven) return queues_.Explain(std::move(redriven).error(), subscription, "redriving the dead letters of");
  return *redriven;
}

Result<SubscriptionStats> SnsSqsEventBus::Stats(std::string_view subscription) {
  SESHAT_TRY(CheckName(subscription));
  static constexpr std::array<std::string_view, 3> kNames{
      "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible"};
  SubscriptionStats stats;
  auto live = sqs_.Attributes(queues_.Url(subscription), kNames);
  if (!live) return queues_.Explain(std::move(live).error(), subscription, "counting the events of");
  stats.ready = CountIn(*live, kNames[0]) + CountIn(*live, kNames[1]);
  stats.in_flight = CountIn(*live, kNames[2]);
  auto dead = sqs_.Attributes(queues_.DeadUrl(subscription), kNames);
  if (!dead) return queues_.Explain(std::move(dead).error(), subscription, "counting the dead letters of");
  for (const auto name : kNames) stats.dead += CountIn(*dead, name);
  return stats;
}

}  // namespace

Result<std::unique_ptr<EventBus>> MakeSnsSqsEventBus(SnsSqsOptions options, Clock& clock, Random& random) {
  if (!options.sns_sender || !options.sqs_sender)
    return Fail(ErrorCode::kInternal, "the event bus needs senders for SNS and SQS");
  return std::make_unique<SnsSqsEventBus>(std::move(options), clock, random);
}

}  // namespace seshat::sns_sqs
