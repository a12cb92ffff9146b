// How long to wait before the next try: the one rule of everything here that tries again.
//
// Full jitter: a uniformly random share of min(cap, base × factor^(failures − 1)). Callers that failed together do not
// come back together, and of the kinds of jitter that AWS's architects compared ("Exponential Backoff And Jitter",
// 2015) this one needs the fewest calls until all competing clients are done. Never less than a millisecond, so that no
// unlucky draw turns a loop of retries into a busy one.
//
// Chance comes in as a number: core draws none itself. A value; thread-safe.
#pragma once

#include <chrono>
#include <cstdint>

namespace seshat {

struct Backoff {
  std::chrono::milliseconds base;
  std::chrono::milliseconds cap;
  double factor = 2;

  // The wait after the `failures`-th failure in a row, counted from 1 (0 is taken for 1). `unit` is in [0, 1), as
  // RandomUnit of ports/random.h draws it. Nothing overflows, however many failures there were.
  std::chrono::milliseconds After(uint32_t failures, double unit) const;
};

}  // namespace seshat
