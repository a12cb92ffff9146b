#include "adapters/sns_sqs/queues.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "adapters/sns_sqs/message_body.h"
#include "adapters/sns_sqs/rounds.h"
#include "adapters/sns_sqs/subscription_setup.h"

namespace seshat::sns_sqs {

std::string Queues::Url(std::string_view subscription) const {
  return names_.queue_url(sqs_.endpoint(), names_.queue(subscription));
}

std::string Queues::DeadUrl(std::string_view subscription) const {
  return names_.queue_url(sqs_.endpoint(), names_.dead_queue(subscription));
}

std::unexpected<Error> Queues::Explain(ServiceError error, std::string_view subscription, std::string_view what) const {
  if (IsNoSuchQueue(error))
    return Fail(ErrorCode::kNotFound,
                fmt::format("there is no queue '{}' in account {}, region {}: run `seshat aws init`",
                            names_.queue(subscription), names_.account, names_.region));
  return std::unexpected(std::move(error.error).WithContext(fmt::format("{} '{}'", what, subscription)));
}

Result<uint32_t> Queues::MaxAttempts(std::string_view subscription) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = max_attempts_.find(subscription); it != max_attempts_.end()) return it->second;
  }
  return AskMaxAttempts(subscription);
}

Result<uint32_t> Queues::AskMaxAttempts(std::string_view subscription) {
  static constexpr std::array<std::string_view, 1> kNames{"RedrivePolicy"};
  auto attributes = sqs_.Attributes(Url(subscription), kNames);
  if (!attributes) return Explain(std::move(attributes).error(), subscription, "asking for the attempts of");
  const auto policy = attributes->find("RedrivePolicy");
  // Without dead letters there is no last attempt.
  uint32_t most = std::numeric_limits<uint32_t>::max();
  if (policy != attributes->end()) most = MaxReceiveCount(policy->second).value_or(most);
  SetMaxAttempts(subscription, most);
  return most;
}

void Queues::SetMaxAttempts(std::string_view subscription, uint32_t most) {
  const std::lock_guard lock(mutex_);
  max_attempts_.insert_or_assign(std::string(subscription), most);
}

Status Queues::Delete(std::string_view subscription, std::vector<std::string> receipts) {
  for (int round = 0;; ++round) {
    auto failures = sqs_.Delete(Url(subscription), receipts);
    if (!failures) return Explain(std::move(failures).error(), subscription, "acknowledging events of");
    std::vector<std::string> again;
    for (const BatchFailure& failure : *failures) {
      if (failure.senders_fault) continue;  // no delivery that is known: ignored, as the port wants it
      if (round + 1 == kMaxRounds)
        return Fail(ErrorCode::kUnavailable,
                    fmt::format("SQS did not remove an event: {} {}", failure.code, SafeText(failure.message, 300)));
      again.push_back(std::move(receipts[failure.index]));
    }
    if (again.empty()) return {};
    receipts = std::move(again);
    PauseAfterRound(round, clock_, random_);
  }
}

}  // namespace seshat::sns_sqs
