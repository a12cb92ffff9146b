#include "adapters/none/no_tracer.h"
#include "support/tracer_harness.h"

namespace {

class NoneHarness : public seshat::testing::ClockedTracerHarness {
 public:
  seshat::Tracer& tracer() override { return *tracer_; }
  std::vector<seshat::FinishedSpan> Exported() override { return {}; }

 private:
  std::unique_ptr<seshat::Tracer> tracer_ = seshat::none::MakeNoTracer(clock, random);
};

}  // namespace

int main(int argc, char** argv) {
  namespace conformance = seshat::conformance;
  ::testing::InitGoogleTest(&argc, argv);
  conformance::RegisterSuite<conformance::TracerHarness>("Tracer", "none", conformance::TracerCases(),
                                                         [] { return std::make_unique<NoneHarness>(); });
  return RUN_ALL_TESTS();
}
