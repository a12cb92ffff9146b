// How long to wait before the next try.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "ports/random.h"

namespace seshat::processing {

// Full jitter: a uniformly random share of min(cap, base × factor^(attempt-1)), so that workers that failed
// together do not come back together. At least one millisecond.
inline std::chrono::milliseconds Backoff(Random& random, std::chrono::milliseconds base, double factor,
                                         std::chrono::milliseconds cap, uint32_t attempt) {
  const double exponent = std::min<double>(attempt == 0 ? 0 : attempt - 1, 60);
  const double limit =
      std::min(static_cast<double>(cap.count()), static_cast<double>(base.count()) * std::pow(factor, exponent));
  const auto share = static_cast<int64_t>(limit * RandomUnit(random));
  return std::chrono::milliseconds(std::max<int64_t>(1, share));
}

}  // namespace seshat::processing
