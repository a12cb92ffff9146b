#include <gtest/gtest.h>

#include "adapters/file_store/file_harness.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  seshat::conformance::RegisterBlobStoreSuite("file",
                                              [] { return std::make_unique<seshat::testing::FileStoreHarness>(); });
  return RUN_ALL_TESTS();
}
