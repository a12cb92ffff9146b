// The suite twice: as a store that can do everything, and as one that can do nothing extra.
#include <gtest/gtest.h>

#include "adapters/memory_blob_store/memory_harness.h"

int main(int argc, char** argv) {
  using seshat::testing::MemoryBlobHarness;
  ::testing::InitGoogleTest(&argc, argv);
  seshat::conformance::RegisterBlobStoreSuite("memory", [] { return std::make_unique<MemoryBlobHarness>(); });
  seshat::conformance::RegisterBlobStoreSuite("memory-plain", [] {
    auto options = seshat::testing::SmallMemoryBlobs();
    options.capabilities = {};
    return std::make_unique<MemoryBlobHarness>(options);
  });
  return RUN_ALL_TESTS();
}
