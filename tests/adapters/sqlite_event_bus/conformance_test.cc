#include "support/event_bus_harnesses.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  seshat::conformance::RegisterEventBusSuite("sqlite",
                                             [] { return std::make_unique<seshat::testing::SqliteBusHarness>(); });
  return RUN_ALL_TESTS();
}
