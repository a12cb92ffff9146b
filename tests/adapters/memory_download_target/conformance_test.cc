#include "broken_targets.h"
#include "memory_target_harness.h"

int main(int argc, char** argv) {
  namespace conformance = seshat::conformance;
  using conformance::DownloadTargetHarness;
  ::testing::InitGoogleTest(&argc, argv);
  conformance::RegisterSuite<DownloadTargetHarness>("DownloadTarget", "memory", conformance::DownloadTargetCases(), [] {
    return std::make_unique<seshat::testing::MemoryTargetHarness>();
  });
  conformance::RegisterBrokenAdapters<DownloadTargetHarness>("DownloadTarget", conformance::DownloadTargetCases(),
                                                             seshat::testing::BrokenTargets());
  return RUN_ALL_TESTS();
}
