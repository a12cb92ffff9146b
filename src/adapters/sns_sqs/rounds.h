// How often what failed of a batch is sent again, and the growing pauses between. Internal to this adapter.
#pragma once

#include <chrono>

#include "ports/clock.h"
#include "ports/random.h"

namespace seshat::sns_sqs {

// After so many it is an error.
inline constexpr int kMaxRounds = 6;

// Uniform between nothing and 50 ms, 100 ms, 200 ms, …
inline void PauseAfterRound(int round, Clock& clock, Random& random) {
  constexpr std::chrono::milliseconds kFirst{50};
  const auto longest = kFirst * (1 << round);
  clock.SleepFor(std::chrono::duration_cast<std::chrono::milliseconds>(longest * RandomUnit(random)), {});
}

}  // namespace seshat::sns_sqs
