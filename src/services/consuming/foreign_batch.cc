#include "services/consuming/foreign_batch.h"

#include <utility>

#include "services/consuming/turn_keeper.h"

namespace seshat::consuming {

std::vector<FailedItem> HandleForeignBatch(BatchHandler& handler, std::span<const Delivery> deliveries,
                                           std::chrono::steady_clock::time_point deadline, Clock& clock, Logger& logger,
                                           std::stop_token stop) {
  std::vector<Verdict> verdicts;
  {
    const TurnKeeper keeper({}, deadline, clock, logger, std::move(stop));
    verdicts = handler.HandleBatch(deliveries, keeper.turn());
  }
  std::vector<FailedItem> failed;
  for (size_t i = 0; i < deliveries.size(); ++i) {
    if (verdicts[i].done) continue;
    failed.push_back({deliveries[i].handle, verdicts[i].delay, std::move(verdicts[i].reason)});
  }
  return failed;
}

}  // namespace seshat::consuming
