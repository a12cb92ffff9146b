#include "broken_tracers.h"
#include "memory_tracer_harness.h"

int main(int argc, char** argv) {
  namespace conformance = seshat::conformance;
  using conformance::TracerHarness;
  ::testing::InitGoogleTest(&argc, argv);
  conformance::RegisterSuite<TracerHarness>("Tracer", "memory", conformance::TracerCases(), [] {
    return std::make_unique<seshat::testing::MemoryTracerHarness<seshat::memory_tracer::MemoryTracer>>();
  });
  conformance::RegisterBrokenAdapters<TracerHarness>("Tracer", conformance::TracerCases(),
                                                     seshat::testing::BrokenTracers());
  return RUN_ALL_TESTS();
}
