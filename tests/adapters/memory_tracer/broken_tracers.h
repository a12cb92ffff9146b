#pragma once

#include <vector>

#include "conformance/tracer/tracer_suite.h"

namespace seshat::testing {

// For each case of the suite at least one tracer that it must find out.
std::vector<conformance::BrokenAdapter<conformance::TracerHarness>> BrokenTracers();

}  // namespace seshat::testing
