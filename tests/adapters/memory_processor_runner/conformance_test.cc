#include "broken_runners.h"
#include "support/processor_runner_harnesses.h"

int main(int argc, char** argv) {
  namespace conformance = seshat::conformance;
  using conformance::ProcessorRunnerHarness;
  ::testing::InitGoogleTest(&argc, argv);
  conformance::RegisterSuite<ProcessorRunnerHarness>(
      "ProcessorRunner", "memory", conformance::ProcessorRunnerCases(),
      [] { return std::make_unique<seshat::testing::MemoryRunnerHarness>(); });
  conformance::RegisterBrokenAdapters<ProcessorRunnerHarness>("ProcessorRunner", conformance::ProcessorRunnerCases(),
                                                              seshat::testing::BrokenRunners());
  return RUN_ALL_TESTS();
}
