// Tracer: takes the spans that have ended, so that people can see what happened to a session, where and for how long.
//
// Contract of an adapter. Thread-safe. Take never blocks, never waits for a network or a disk, and cannot fail: a span is
// the least important thing in the program. What is held is bounded; what does not fit is dropped and counted. Spans
// arrive once each, in any order, and nothing promises that the parent of one arrives at all. An exporter keeps a queue
// behind Take and sends batches of it from a thread of its own.
// Adapters: adapters/none (keeps nothing), adapters/memory_tracer (tests). Suite: src/conformance/tracer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/finished_span.h"
#include "ports/random.h"
#include "ports/span.h"

namespace seshat {

class Tracer {
 public:
  struct Capabilities {
    bool keeps = true;  // false: no span is recorded; ids still go from one span to the next
  };

  virtual ~Tracer() = default;
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // A span of now. Names are few: what differs from one session to the next goes into attributes. The tracer must
  // outlive it. Where nothing is recorded (`keeps` is false, or the trace says that it is not sampled) the span carries
  // its parent's ids on; without a parent it has new ones, so that every session has a trace.
  Span Start(std::string_view name, const SpanOptions& options = {});
  // The same, below the span that `traceparent` names: what an event or a journal brought. No traceparent: a new trace.
  Span Continue(std::string_view name, std::string_view traceparent, SpanOptions options = {});

  virtual const Capabilities& capabilities() const = 0;
  // Takes one span; called by Span when it ends.
  virtual void Take(FinishedSpan span) noexcept = 0;
  // Spans that were taken and are lost, since the tracer was made.
  virtual uint64_t dropped() const = 0;
  // Hands on everything taken until now. The only call that may block, for `at_most`: at the end of a program or of an
  // invocation. kDeadlineExceeded or kUnavailable: some of it is still held, or was dropped and counted.
  virtual Status Flush(std::chrono::nanoseconds at_most) = 0;

 protected:
  // Both must outlive it.
  Tracer(Clock& clock, Random& random) : clock_(clock), random_(random) {}

 private:
  friend class Span;
  Clock& clock_;
  Random& random_;
};

}  // namespace seshat
