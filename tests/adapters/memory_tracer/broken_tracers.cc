#include "broken_tracers.h"

#include <algorithm>
#include <optional>
#include <thread>

#include "memory_tracer_harness.h"

namespace seshat::testing {
namespace {

using memory_tracer::MemoryTracer;
using Broken = conformance::BrokenAdapter<conformance::TracerHarness>;

struct TakesTwice : MemoryTracer {
  using MemoryTracer::MemoryTracer;
  void Take(FinishedSpan span) noexcept override {
    MemoryTracer::Take(span);
    MemoryTracer::Take(std::move(span));
  }
};

struct KeepsNothing : MemoryTracer {
  using MemoryTracer::MemoryTracer;
  void Take(FinishedSpan) noexcept override {}
};

// Hands spans on with something changed.
template <auto kChange>
struct Changing : MemoryTracer {
  using MemoryTracer::MemoryTracer;
  void Take(FinishedSpan span) noexcept override {
    kChange(span);
    MemoryTracer::Take(std::move(span));
  }
};

void ForgetLinks(FinishedSpan& span) { span.links.clear(); }
void ForgetStatus(FinishedSpan& span) { span.status = SpanStatus::kUnset; }
void ForgetKind(FinishedSpan& span) { span.kind = SpanKind::kInternal; }
void ForgetParent(FinishedSpan& span) { span.parent.reset(); }
void ForgetDrops(FinishedSpan& span) { span.dropped_attributes = span.dropped_links = 0; }
void MakeTextOfNumbers(FinishedSpan& span) {
  for (auto& attribute : span.attributes)
    if (const auto* number = std::get_if<int64_t>(&attribute.value)) attribute.value = std::to_string(*number);
}
void RoundTimes(FinishedSpan& span) {
  span.start = std::chrono::floor<std::chrono::milliseconds>(span.start);
  span.end = std::chrono::floor<std::chrono::milliseconds>(span.end);
}
void MixTraces(FinishedSpan& span) { span.context.trace_id.fill(std::byte{7}); }

struct HoldsEverything : MemoryTracer {
  HoldsEverything(Clock& clock, Random& random, size_t) : MemoryTracer(clock, random) {}
};

struct SaysNothingOfDrops : MemoryTracer {
  using MemoryTracer::MemoryTracer;
  uint64_t dropped() const override { return 0; }
};

// As a queue for each thread would, of which only the first is read.
struct HearsOneThread : MemoryTracer {
  using MemoryTracer::MemoryTracer;
  void Take(FinishedSpan span) noexcept override {
    if (std::this_thread::get_id() == owner) MemoryTracer::Take(std::move(span));
  }
  std::thread::id owner = std::this_thread::get_id();
};

struct SaysThatItKeepsNothing : MemoryTracer {
  SaysThatItKeepsNothing(Clock& clock, Random& random, size_t capacity) : MemoryTracer(clock, random, capacity) {
    MemoryTracer::Take({.name = "kept all the same"});
  }
  const Capabilities& capabilities() const override {
    static constexpr Capabilities kNothing{.keeps = false};
    return kNothing;
  }
};

// Invents a span for what it should let pass.
struct SamplesForItself : MemoryTracer {
  SamplesForItself(Clock& clock, Random& random, size_t capacity) : MemoryTracer(clock, random, capacity) {
    MemoryTracer::Take({.name = "not sampled"});
  }
};

template <typename Kind>
Broken Of(const char* name, std::vector<std::string_view> found_by) {
  return {name, [] { return std::make_unique<MemoryTracerHarness<Kind>>(); }, std::move(found_by)};
}

}  // namespace

std::vector<Broken> BrokenTracers() {
  return {
      Of<TakesTwice>("TakesTwice", {"SpansArriveOnceWhenTheyEnd", "WhatIsNotSampledIsNotKept"}),
      Of<KeepsNothing>("KeepsNothing", {"SpansArriveOnceWhenTheyEnd", "WhatIsHeldIsBoundedAndDropsAreCounted"}),
      Of<Changing<ForgetLinks>>("ForgetsLinks", {"EverythingSaidArrives", "BoundsOfOneSpanAreCounted"}),
      Of<Changing<ForgetStatus>>("ForgetsStatus", {"EverythingSaidArrives"}),
      Of<Changing<ForgetKind>>("ForgetsKind", {"EverythingSaidArrives", "ChildrenAreBelowTheirParents"}),
      Of<Changing<MakeTextOfNumbers>>("MakesTextOfNumbers", {"EverythingSaidArrives"}),
      Of<Changing<ForgetParent>>("ForgetsParents", {"ChildrenAreBelowTheirParents", "ATraceGoesOnFromText"}),
      Of<Changing<MixTraces>>("MixesTraces", {"ATraceGoesOnFromText"}),
      Of<Changing<RoundTimes>>("RoundsTimes", {"TimesAreThoseOfTheClock"}),
      Of<Changing<ForgetDrops>>("ForgetsWhatASpanDropped", {"BoundsOfOneSpanAreCounted"}),
      Of<HoldsEverything>("HoldsEverything", {"WhatIsHeldIsBoundedAndDropsAreCounted"}),
      Of<SaysNothingOfDrops>("SaysNothingOfDrops", {"WhatIsHeldIsBoundedAndDropsAreCounted"}),
      Of<HearsOneThread>("HearsOneThread", {"SeveralThreadsAtATime"}),
      Of<SaysThatItKeepsNothing>("SaysThatItKeepsNothing", {"SpansArriveOnceWhenTheyEnd"}),
      Of<SamplesForItself>("SamplesForItself", {"WhatIsNotSampledIsNotKept"}),
  };
}

}  // namespace seshat::testing
