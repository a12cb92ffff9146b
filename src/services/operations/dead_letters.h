// Events that were given up: to look at, and to have delivered again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "ports/event_bus.h"

namespace seshat::operations {

struct Letter {
  std::string subscription;
  DeadLetter letter;
};

// All of these subscriptions, in their order, the oldest of each first. Errors are those of the bus.
Result<std::vector<Letter>> ListDeadLetters(EventBus& bus, const std::vector<std::string>& subscriptions);

// Has the letters with these ids delivered again, or all where none is named; answers how many. kNotFound for an id
// that none of the subscriptions has: nothing was done then.
Result<uint64_t> RedriveDeadLetters(EventBus& bus, const std::vector<std::string>& subscriptions,
                                    const std::vector<std::string>& ids);

}  // namespace seshat::operations
