#include "conformance/processor_runner/processor_runner_suite.h"

#include "conformance/processor_runner/processor_runner_steps.h"

namespace seshat::conformance {

std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerCases() {
  static const std::vector<Case<ProcessorRunnerHarness>> all = [] {
    std::vector<Case<ProcessorRunnerHarness>> cases;
    for (const auto part : {ProcessorRunnerBasicCases(), ProcessorRunnerLimitCases(), ProcessorRunnerIsolationCases()})
      cases.insert(cases.end(), part.begin(), part.end());
    return cases;
  }();
  return all;
}

}  // namespace seshat::conformance
