// Runs a handler where somebody else receives, leases and answers: Amazon SQS invokes a Lambda function with a batch,
// and deletes every message of it but those that the function's answer lists (ReportBatchItemFailures).
#pragma once

#include <chrono>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "services/consuming/handler.h"

namespace seshat::consuming {

// A delivery that is to come again.
struct FailedItem {
  std::string handle;                 // as in the delivery
  std::chrono::milliseconds delay{};  // where the far side can wait: no sooner than this
  std::string reason;
};

// Hands the batch to `handler` and answers those of its deliveries that are not done, in their order. `deadline` is by
// Clock::SteadyNow: leave the caller the time it needs to pass the answer on. No exceptions, no errors: whatever goes
// wrong with a delivery is its item here.
std::vector<FailedItem> HandleForeignBatch(BatchHandler& handler, std::span<const Delivery> deliveries,
                                           std::chrono::steady_clock::time_point deadline, Clock& clock, Logger& logger,
                                           std::stop_token stop);

}  // namespace seshat::consuming
