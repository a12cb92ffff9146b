// What every Tracer must do. A harness makes one tracer with a clock that moves only when told to, and shows what the
// tracer has handed on.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "conformance/suite.h"
#include "ports/tracer.h"

namespace seshat::conformance {

class TracerHarness {
 public:
  virtual ~TracerHarness() = default;
  virtual Tracer& tracer() = 0;
  virtual void Advance(std::chrono::nanoseconds duration) = 0;  // the tracer's clock, wall and steady alike
  virtual Timestamp Now() = 0;
  // Where the spans end up, as far as they got there: the cases call Flush before.
  virtual std::vector<FinishedSpan> Exported() = 0;
  // More spans than the tracer can hold while nothing is handed on; the harness makes a small one.
  virtual size_t too_many() = 0;
};

std::span<const Case<TracerHarness>> TracerCases();

}  // namespace seshat::conformance
