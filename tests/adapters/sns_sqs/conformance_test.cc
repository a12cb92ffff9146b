// The suite against SNS and SQS as AWS documents them (model_aws.h). tests/engines has the run on a real engine.
#include "adapters/sns_sqs/model_harness.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  seshat::conformance::RegisterEventBusSuite("sns_sqs_model",
                                             [] { return std::make_unique<seshat::testing::SnsSqsModelHarness>(); });
  return RUN_ALL_TESTS();
}
