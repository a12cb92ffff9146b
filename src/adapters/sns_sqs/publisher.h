// Events onto the topic: what may go there, in batches where the service has them. Internal to this adapter.
//
// Thread safety: all methods, from any thread.
#pragma once

#include <atomic>
#include <span>
#include <string>

#include "adapters/sns_sqs/sns_client.h"
#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/random.h"

namespace seshat::sns_sqs {

// A message with its attributes has 256 KiB; the type and what belongs to it take the last one.
inline constexpr size_t kMaxEventBytes = kMaxPublishBytes - 1024;

class Publisher {
 public:
  // What is passed by reference must outlive it.
  Publisher(SnsClient& sns, std::string topic_arn, Clock& clock, Random& random)
      : sns_(sns), topic_arn_(std::move(topic_arn)), clock_(clock), random_(random) {}

  // As EventBus::Publish.
  Status Publish(std::span<const Event> events);

 private:
  Status PublishBatch(std::span<const Notification> batch);
  Status PublishEach(std::span<const Notification> notifications);
  std::unexpected<Error> Explain(ServiceError error) const;

  SnsClient& sns_;
  const std::string topic_arn_;
  Clock& clock_;
  Random& random_;
  std::atomic<bool> one_by_one_ = false;  // batches were refused, single events were not
};

}  // namespace seshat::sns_sqs
