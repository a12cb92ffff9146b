// Times of the outside world (file systems, other programs) that may lie beyond what 64 bits of nanoseconds hold.
#pragma once

#include <cstdint>
#include <limits>

namespace seshat {

// Seconds since 1970 and nanoseconds after them, as nanoseconds since 1970; the nearest that there is where the sum lies
// beyond 1677-09-21 or 2262-04-11 (file systems store times up to the year 2514 and further).
constexpr int64_t ClampedNanoseconds(int64_t seconds, int64_t nanoseconds) {
  __extension__ using Wide = __int128;
  const Wide ns = static_cast<Wide>(seconds) * 1'000'000'000 + nanoseconds;
  if (ns < std::numeric_limits<int64_t>::min()) return std::numeric_limits<int64_t>::min();
  if (ns > std::numeric_limits<int64_t>::max()) return std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(ns);
}

}  // namespace seshat
