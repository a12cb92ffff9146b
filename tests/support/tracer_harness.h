// What the tracer suite needs of the world, for tracers that hand on nothing beyond this process.
#pragma once

#include "conformance/tracer/tracer_suite.h"
#include "support/fakes.h"

namespace seshat::testing {

class ClockedTracerHarness : public conformance::TracerHarness {
 public:
  void Advance(std::chrono::nanoseconds duration) override { clock.Advance(duration); }
  Timestamp Now() override { return clock.Now(); }
  size_t too_many() override { return 40; }

 protected:
  FakeClock clock;
  SeededRandom random;
};

}  // namespace seshat::testing
