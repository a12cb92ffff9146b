// What the topic and the queues of one bus are called: from "ACCOUNT/NAME" and a region everything else follows, so
// that no look-up is ever needed.
//
//   topic               NAME
//   queue               NAME-<subscription>
//   its dead letters    NAME-<subscription>-dead
//
// Thread safety: values.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/http/message.h"

namespace seshat::sns_sqs {

// Queue names have up to 80 of A-Z a-z 0-9 _ - (SQS's limit).
inline constexpr size_t kMaxQueueName = 80;
inline constexpr std::string_view kDeadSuffix = "-dead";

struct BusNames {
  std::string region;   // "eu-central-1"
  std::string account;  // twelve digits
  std::string name;     // 1–60 of A-Z a-z 0-9 _ -

  std::string topic_arn() const;
  std::string queue(std::string_view subscription) const;
  std::string dead_queue(std::string_view subscription) const;
  std::string queue_arn(std::string_view queue_name) const;
  std::string queue_url(const http::Url& sqs, std::string_view queue_name) const;
};

// From what stands behind "sns-sqs://" in bus.url. kInvalidArgument saying what belongs there.
Result<BusNames> ParseBusNames(std::string_view account_and_name, std::string_view region);

// Also those that event_bus_rules lets pass and queue names do not: a subscription "x-dead" would share its queue with
// the dead letters of "x".
Status CheckSubscriptionName(const BusNames& names, std::string_view subscription);

}  // namespace seshat::sns_sqs
