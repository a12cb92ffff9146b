// The BlobStore suite on versitygw: signatures, payload digests and checksums are checked. Its objects are files of a
// POSIX file system, hence the deviations.
#include <gtest/gtest.h>

#include "s3_harness.h"
#include "support/engines.h"

int main(int argc, char** argv) {
  using seshat::testing::EngineVariable;
  ::testing::InitGoogleTest(&argc, argv);
  if (const auto url = seshat::testing::EngineUrl("SESHAT_ENGINE_VERSITYGW", "BlobStore/s3_versitygw")) {
    seshat::testing::S3Engine gateway{.url = *url,
                                      .access_key = EngineVariable("SESHAT_ENGINE_VERSITYGW_ACCESS_KEY"),
                                      .secret_key = EngineVariable("SESHAT_ENGINE_VERSITYGW_SECRET_KEY"),
                                      .decides_races = false,  // 1.7.0 looks at the key, then writes
                                      .longest_segment = 255};
    gateway.capabilities.storage_classes = false;  // reports every object as STANDARD
    gateway.capabilities.archive = false;
    gateway.capabilities.nested_keys = false;
    seshat::conformance::RegisterBlobStoreSuite(
        "s3_versitygw", [gateway] { return std::make_unique<seshat::testing::S3Harness>(gateway); });
  }
  return RUN_ALL_TESTS();
}
