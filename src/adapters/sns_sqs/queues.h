// The queues of one bus: where they are, how many attempts they allow, and their errors in our words. Internal to this
// adapter.
//
// Thread safety: all methods, from any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sns_sqs/dead_letter_queue.h"
#include "adapters/sns_sqs/names.h"
#include "adapters/sns_sqs/sqs_client.h"
#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace seshat::sns_sqs {

class Queues {
 public:
  // What is passed by reference must outlive it. `drain_wait`: see dead_letter_queue.h.
  Queues(const BusNames& names, SqsClient& sqs, std::chrono::seconds drain_wait, Clock& clock, Random& random)
      : names_(names), sqs_(sqs), drain_wait_(drain_wait), clock_(clock), random_(random) {}

  std::string Url(std::string_view subscription) const;
  std::string DeadUrl(std::string_view subscription) const;
  DeadLetterQueue Dead(std::string_view subscription) { return {sqs_, DeadUrl(subscription), drain_wait_}; }

  // The number of deliveries after which the queue gives an event up, as it said last; asked for where it is unknown.
  Result<uint32_t> MaxAttempts(std::string_view subscription);
  // As it says now.
  Result<uint32_t> AskMaxAttempts(std::string_view subscription);
  void SetMaxAttempts(std::string_view subscription, uint32_t most);

  // Receipts that name no delivery are ignored. At most kMaxInBatch.
  Status Delete(std::string_view subscription, std::vector<std::string> receipts);

  // "<what> '<subscription>': …"; a queue that there is not is kNotFound saying how to make it.
  std::unexpected<Error> Explain(ServiceError error, std::string_view subscription, std::string_view what) const;

 private:
  const BusNames& names_;
  SqsClient& sqs_;
  const std::chrono::seconds drain_wait_;
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::map<std::string, uint32_t, std::less<>> max_attempts_;  // as the queues said last
};

}  // namespace seshat::sns_sqs
