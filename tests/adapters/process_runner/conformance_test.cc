#include <cstdio>

#include "support/processor_runner_harnesses.h"

int main(int argc, char** argv) {
  namespace conformance = seshat::conformance;
  using conformance::ProcessorRunnerHarness;
  ::testing::InitGoogleTest(&argc, argv);
  const auto add = [](const char* name, const seshat::process_runner::ProcessRunnerOptions& options) {
    conformance::RegisterSuite<ProcessorRunnerHarness>(
        "ProcessorRunner", name, conformance::ProcessorRunnerCases(),
        [options] { return std::make_unique<seshat::testing::ProcessRunnerHarness>(options); });
  };
  add("process", {});
  // As on a machine where no cgroup can be made.
  add("process-without-cgroup", {.cgroup_root = "/nowhere"});
  add("process-not-isolated", {.isolation = seshat::process_runner::ProcessIsolation::kNone});
  return RUN_ALL_TESTS();
}
