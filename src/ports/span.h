// Span: a value for a piece of work that is being done. It ends with its scope, on every way out, and its tracer then
// gets what it says. Made by Tracer::Start, Tracer::Continue or Span::Child; without a tracer it is "none" and costs a
// comparison per call. Nothing here fails. One thread at a time uses a span; it may move to another.
//
// What is said about a span never holds secrets, contents of files or of session metadata: names, sizes, counts.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/base/trace_context.h"
#include "ports/finished_span.h"
#include "ports/logger.h"

namespace seshat {

class Tracer;

// OpenTelemetry's own limits are 128, 128 and none; what we say fits easily, and a collector takes it from any span.
inline constexpr size_t kMaxSpanAttributes = 32;
inline constexpr size_t kMaxSpanLinks = 128;
inline constexpr size_t kMaxSpanTextBytes = 1024;

struct SpanOptions {
  SpanKind kind = SpanKind::kInternal;
  // Absent: the span begins a trace of its own.
  std::optional<TraceContext> parent = std::nullopt;
  // The ids of the span itself, where they were given out before it is made (a journal holds them).
  std::optional<TraceContext> self = std::nullopt;
  // Absent: now. For work that is known to be worth a span only at its end.
  std::optional<Timestamp> start = std::nullopt;
};

class Span {
 public:
  Span() = default;  // none: has no ids, says nothing, and so do its children
  Span(Span&& other) noexcept = default;
  Span& operator=(Span&& other) noexcept;  // what it held before ends
  ~Span() { End(); }

  // Somebody else's span, by its ids: for log lines and children that nobody records. None where it is no traceparent.
  static Span OfTraceparent(std::string_view traceparent);

  // Whether its tracer keeps it: worth asking only before something expensive is found out for an attribute.
  bool recording() const { return record_ != nullptr; }
  // What children and events carry on. Of a span that is not recorded: its parent's, so that the trace goes on.
  const TraceContext& context() const { return context_; }
  // "00-<32 digits>-<16 digits>-01"; empty: none.
  std::string traceparent() const;

  // The values that a log line's field takes. A name said twice counts once, with the last value.
  template <typename T>
  void Set(std::string_view name, const T& value) {
    if (record_) Keep(LogField(name, value));
  }
  // A cause in another trace, or one of several causes.
  void Link(const TraceContext& other);
  // Its status, and "error.type". The last one counts.
  void SetError(const Error& error);

  // The same trace, below this one, which must not have ended; the child may outlive it.
  Span Child(std::string_view name, SpanKind kind = SpanKind::kInternal, std::optional<Timestamp> start = {}) const;

  // Before its scope does. It keeps its ids; whatever is said from now on is not heard.
  void End() {
    if (record_) Finish();
  }

 private:
  friend class Tracer;
  struct Record {
    Tracer& tracer;
    FinishedSpan span;
    std::chrono::steady_clock::time_point begun;
    bool begun_now;  // its length is measured; otherwise it ends at the clock's now
  };
  void Keep(const LogField& field);
  void Finish();

  TraceContext context_;
  std::unique_ptr<Record> record_;
};

}  // namespace seshat
