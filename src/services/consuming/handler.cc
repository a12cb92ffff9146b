#include "services/consuming/handler.h"

namespace seshat::consuming {

std::vector<Verdict> OneByOne::HandleBatch(std::span<const Delivery> deliveries, const Turn& turn) {
  std::vector<Verdict> verdicts;
  for (const Delivery& delivery : deliveries) {
    // The first has its turn in any case: it alone knows what being stopped means for it.
    const bool too_late = !verdicts.empty() && turn.stop.stop_requested();
    verdicts.push_back(too_late ? Verdict{.reason = "cancelled: stopped before its turn"}
                                : handler_.Handle(delivery, turn));
  }
  return verdicts;
}

}  // namespace seshat::consuming
