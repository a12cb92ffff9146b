#include "adapters/none/no_tracer.h"

namespace seshat::none {
namespace {

class NoTracer : public Tracer {
 public:
  NoTracer(Clock& clock, Random& random) : Tracer(clock, random) {}
  const Capabilities& capabilities() const override { return capabilities_; }
  void Take(FinishedSpan) noexcept override {}
  uint64_t dropped() const override { return 0; }
  Status Flush(std::chrono::nanoseconds) override { return {}; }

 private:
  const Capabilities capabilities_{.keeps = false};
};

}  // namespace

std::unique_ptr<Tracer> MakeNoTracer(Clock& clock, Random& random) { return std::make_unique<NoTracer>(clock, random); }

}  // namespace seshat::none
