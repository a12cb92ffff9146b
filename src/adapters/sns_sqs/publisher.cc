#include "adapters/sns_sqs/publisher.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "adapters/sns_sqs/message_body.h"
#include "adapters/sns_sqs/rounds.h"
#include "core/base/utf8.h"
#include "ports/event_bus_rules.h"

namespace seshat::sns_sqs {
namespace {

constexpr size_t kMaxTypeBytes = 512;

}  // namespace

Status Publisher::Publish(std::span<const Event> events) {
  SESHAT_TRY(event_bus_rules::CheckSize(events, kMaxEventBytes));
  std::vector<Notification> notifications;
  notifications.reserve(events.size());
  for (const Event& event : events) {
    SESHAT_ASSIGN(std::string body, WriteMessageBody(event));
    if (event.type.empty() || SafeText(event.type, kMaxTypeBytes) != event.type)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("an event's type has 1 to {} bytes of text, not '{}'", kMaxTypeBytes,
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

std::unexpected<Error> Publisher::Explain(ServiceError error) const {
  if (IsNoSuchTopic(error))
    return Fail(ErrorCode::kNotFound, fmt::format("there is no topic {}: run `seshat aws init`", topic_arn_));
  return std::unexpected(std::move(error.error).WithContext("publishing events"));
}

Status Publisher::PublishEach(std::span<const Notification> notifications) {
  for (const Notification& notification : notifications)
    if (auto done = sns_.PublishOne(topic_arn_, notification); !done) return Explain(std::move(done).error());
  return {};
}

Status Publisher::PublishBatch(std::span<const Notification> batch) {
  if (batch.size() == 1 || one_by_one_) return PublishEach(batch);
  std::vector<Notification> rest(batch.begin(), batch.end());
  for (int round = 0;; ++round) {
    auto failures = sns_.Publish(topic_arn_, rest);
    if (!failures) {
      if (!IsBatchRefused(failures.error())) return Explain(std::move(failures).error());
      SESHAT_TRY(PublishEach(rest));
      one_by_one_ = true;
      return {};
    }
    if (failures->empty()) return {};
    std::vector<Notification> again;
    for (const BatchFailure& failure : *failures) {
      const auto text = fmt::format("SNS refused an event: {} {}", failure.code, SafeText(failure.message, 300));
      if (failure.senders_fault) return Fail(ErrorCode::kInvalidArgument, text);
      if (round + 1 == kMaxRounds) return Fail(ErrorCode::kUnavailable, text);
      again.push_back(std::move(rest[failure.index]));
    }
    rest = std::move(again);
    PauseAfterRound(round, clock_, random_);
  }
}

}  // namespace seshat::sns_sqs
