#pragma once

#include "adapters/memory_tracer/memory_tracer.h"
#include "support/tracer_harness.h"

namespace seshat::testing {

// `Kind`: MemoryTracer, or what a test makes of it.
template <typename Kind>
class MemoryTracerHarness : public ClockedTracerHarness {
 public:
  Tracer& tracer() override { return tracer_; }
  std::vector<FinishedSpan> Exported() override { return tracer_.spans(); }

 private:
  Kind tracer_{clock, random, 30};
};

}  // namespace seshat::testing
