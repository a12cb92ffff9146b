#include <gtest/gtest.h>

#include <cstdlib>

#include "support/engines.h"

namespace seshat::testing {
namespace {

constexpr char kVariable[] = "SESHAT_ENGINE_OF_THIS_TEST";

TEST(EnginesTest, NamesTheEngineWithoutASlashAtTheEnd) {
  ::setenv(kVariable, "http://127.0.0.1:1/", 1);
  EXPECT_EQ(EngineUrl(kVariable, "BlobStore/s3_moto"), "http://127.0.0.1:1");
}

TEST(EnginesTest, AMissingEngineMayBeLeftOutWhereNobodyRequiresIt) {
  ::unsetenv(kVariable);
  ::setenv("SESHAT_REQUIRE_ADAPTERS", "BlobStore/s3", 1);
  EXPECT_EQ(EngineUrl(kVariable, "BlobStore/s3_moto"), std::nullopt);
}

TEST(EnginesDeathTest, AMissingEngineFailsWhereItsAdapterIsRequired) {
  ::unsetenv(kVariable);
  ::setenv("SESHAT_REQUIRE_ADAPTERS", "EventBus/sns_sqs,BlobStore/s3_moto", 1);
  EXPECT_EXIT((void)EngineUrl(kVariable, "BlobStore/s3_moto"), ::testing::ExitedWithCode(1), "is required");
}

TEST(EnginesTest, ARequiredNameIsAWholeOne) {
  EXPECT_TRUE(IsRequired("b", "a,b,c"));
  EXPECT_TRUE(IsRequired("c", "a,b,c"));
  EXPECT_FALSE(IsRequired("b", "a,bb,c"));
  EXPECT_FALSE(IsRequired("a", ""));
}

}  // namespace
}  // namespace seshat::testing
