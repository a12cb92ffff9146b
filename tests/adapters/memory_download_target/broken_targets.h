#pragma once

#include <vector>

#include "conformance/download_target/download_target_suite.h"

namespace seshat::testing {

// For each case of the suite at least one target that it must find out.
std::vector<conformance::BrokenAdapter<conformance::DownloadTargetHarness>> BrokenTargets();

}  // namespace seshat::testing
