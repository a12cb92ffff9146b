// The BlobStore suite on moto: S3's semantics, storage classes and restores; no signature and no checksum is checked.
#include <gtest/gtest.h>

#include "s3_harness.h"
#include "support/engines.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (const auto url = seshat::testing::EngineUrl("SESHAT_ENGINE_MOTO", "BlobStore/s3_moto")) {
    const seshat::testing::S3Engine moto{.url = *url, .access_key = "moto", .secret_key = "moto", .is_moto = true};
    seshat::conformance::RegisterBlobStoreSuite("s3_moto",
                                                [moto] { return std::make_unique<seshat::testing::S3Harness>(moto); });
  }
  return RUN_ALL_TESTS();
}
