#pragma once

#include <vector>

#include "conformance/processor_runner/processor_runner_suite.h"

namespace seshat::testing {

// For each case of the suite at least one runner that it must find out.
std::vector<conformance::BrokenAdapter<conformance::ProcessorRunnerHarness>> BrokenRunners();

}  // namespace seshat::testing
