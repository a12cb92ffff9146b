#include "adapters/sns_sqs/consumer.h"

#include <algorithm>
#include <utility>

#include "adapters/sns_sqs/message_body.h"

namespace seshat::sns_sqs {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// While a dead letter is moved nobody else may get it.
constexpr seconds kMoving{60};

// A wait of 1 ms must not become none: that would ask a part of SQS's servers only.
seconds WholeSeconds(milliseconds time) { return std::chrono::ceil<seconds>(time); }

}  // namespace

Result<std::vector<Delivery>> Consumer::Receive(std::string_view subscription, const ReceiveOptions& options,
                                                const std::stop_token& stop) {
  SESHAT_TRY(queues_.MaxAttempts(subscription));
  const auto deadline = clock_.SteadyNow() + options.wait;
  while (!stop.stop_requested()) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - clock_.SteadyNow());
    auto messages = sqs_.Receive(queues_.Url(subscription),
                                 {.most = std::min(options.max_events, kMaxInBatch),
                                  .wait = WholeSeconds(std::max(left, milliseconds(0))),
                                  .invisible = WholeSeconds(options.lease)},
                                 stop);
    if (!messages) {
      if (messages.error().error.code == ErrorCode::kCancelled && stop.stop_requested()) break;
      return queues_.Explain(std::move(messages).error(), subscription, "receiving from");
    }
    const bool nothing = messages->empty();
    SESHAT_ASSIGN(auto deliveries, Sort(subscription, *messages));
    // Only what was no event, or none for us, came: that is gone now.
    if (nothing || !deliveries.empty()) return deliveries;
  }
  return std::vector<Delivery>();
}

// What was published under an earlier spec is still wanted, so types only ever become more.
void Consumer::Want(const SubscriptionSpec& spec) {
  const std::lock_guard lock(mutex_);
  const auto [it, fresh] = wanted_.try_emplace(spec.name, spec.types.begin(), spec.types.end());
  if (fresh) return;
  if (spec.types.empty()) it->second.clear();
  if (!it->second.empty()) it->second.insert(spec.types.begin(), spec.types.end());
}

bool Consumer::Wants(std::string_view subscription, std::string_view type) {
  const std::lock_guard lock(mutex_);
  const auto it = wanted_.find(subscription);
  return it == wanted_.end() || it->second.empty() || it->second.contains(type);
}

// Deliveries of those that are events of the wanted types; what is no event is buried. Other types come where
// the topic's link to the queue has no filter, or a wider one: nobody here would ever be done with them.
Result<std::vector<Delivery>> Consumer::Sort(std::string_view subscription, std::span<const SqsMessage> messages) {
  SESHAT_ASSIGN(const uint32_t most, queues_.MaxAttempts(subscription));
  std::vector<Delivery> deliveries;
  std::vector<std::string> unwanted;
  for (const SqsMessage& message : messages) {
    auto event = ReadMessageBody(message.body);
    if (!event) {
      SESHAT_TRY(Bury(subscription, {message.receive_count, message.receipt, message.body}, event.error().message));
      continue;
    }
    if (!Wants(subscription, event->type)) {
      unwanted.push_back(message.receipt);
      continue;
    }
    const bool last = message.receive_count >= most;
    deliveries.push_back({.event = *std::move(event),
                          .handle = MakeHandle(message.receive_count, message.receipt, last ? message.body : ""),
                          .attempt = std::max(message.receive_count, 1U)});
  }
  // Where this fails they come again; the wanted ones are not held up for that.
  if (!unwanted.empty()) (void)queues_.Delete(subscription, std::move(unwanted));
  return deliveries;
}

Status Consumer::Acknowledge(std::string_view subscription, std::span<const std::string> handles) {
  std::set<std::string_view> receipts;
  for (const std::string& text : handles)
    if (const Handle handle = ParseHandle(text); handle.valid()) receipts.insert(handle.receipt);
  std::vector<std::string> batch;
  for (const auto receipt : receipts) {
    batch.emplace_back(receipt);
    if (batch.size() < kMaxInBatch) continue;
    SESHAT_TRY(queues_.Delete(subscription, std::exchange(batch, {})));
  }
  return batch.empty() ? Status() : queues_.Delete(subscription, std::move(batch));
}

Status Consumer::Retry(std::string_view subscription, std::string_view handle, milliseconds delay,
                       std::string_view reason) {
  const Handle parsed = ParseHandle(handle);
  if (!parsed.valid()) return {};
  SESHAT_ASSIGN(uint32_t most, queues_.MaxAttempts(subscription));
  if (parsed.attempt >= most) {
    // Somebody may have allowed more since.
    SESHAT_ASSIGN(most, queues_.AskMaxAttempts(subscription));
  }
  if (parsed.attempt >= most) return Bury(subscription, parsed, reason);
  return MakeVisible(subscription, parsed.receipt, WholeSeconds(delay));
}

// SQS ends all of a delivery's leases 12 hours after it: a longer delay is shortened until it fits.
Status Consumer::MakeVisible(std::string_view subscription, std::string_view receipt, seconds delay) {
  while (true) {
    auto changed = sqs_.ChangeVisibility(queues_.Url(subscription), receipt, delay);
    if (changed || IsEndedReceipt(changed.error())) return {};
    if (!IsBeyondLongest(changed.error()) || delay == seconds(0))
      return queues_.Explain(std::move(changed).error(), subscription, "delaying an event of");
    delay /= 2;
  }
}

Status Consumer::Bury(std::string_view subscription, const Handle& handle, std::string_view reason) {
  const std::string url = queues_.Url(subscription);
  auto held = sqs_.ChangeVisibility(url, handle.receipt, handle.body.empty() ? seconds(0) : kMoving);
  if (!held) {
    if (IsEndedReceipt(held.error())) return {};
    return queues_.Explain(std::move(held).error(), subscription, "giving up an event of");
  }
  // Not kept here: when it is received next, SQS moves it by itself, without the reason.
  if (handle.body.empty()) return {};
  auto buried = queues_.Dead(subscription).Bury(handle.body, handle.attempt, reason);
  if (!buried) {
    const bool never = buried.error().error.code == ErrorCode::kPermissionDenied || IsNoSuchQueue(buried.error());
    if (never) return MakeVisible(subscription, handle.receipt, seconds(0));
    return queues_.Explain(std::move(buried).error(), subscription, "making a dead letter of");
  }
  // Where this fails the event is in both queues, and SQS will move it too: a second letter, and no event lost.
  return queues_.Delete(subscription, {std::string(handle.receipt)});
}

Status Consumer::Extend(std::string_view subscription, std::string_view handle, milliseconds lease) {
  const Handle parsed = ParseHandle(handle);
  constexpr std::string_view kEnded = "the lease has ended and the event may be elsewhere: drop this work";
  if (!parsed.valid()) return Fail(ErrorCode::kNotFound, std::string(kEnded));
  auto changed = sqs_.ChangeVisibility(queues_.Url(subscription), parsed.receipt, WholeSeconds(lease));
  if (changed) return {};
  if (IsBeyondLongest(changed.error()))
    return Fail(ErrorCode::kNotFound, "SQS ends every lease 12 hours after the delivery: drop this work");
  if (IsEndedReceipt(changed.error())) return Fail(ErrorCode::kNotFound, std::string(kEnded));
  return queues_.Explain(std::move(changed).error(), subscription, "extending a lease of");
}

}  // namespace seshat::sns_sqs
