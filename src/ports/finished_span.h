// What a tracer is given of a span that has ended. Kinds, status, links and counts are those of OpenTelemetry, so that an
// exporter copies and decides nothing. All texts are valid UTF-8 and within the limits of ports/span.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.h"
#include "core/base/trace_context.h"

namespace seshat {

enum class SpanKind {
  kInternal,  // work inside this process
  kServer,    // answers a request
  kClient,    // makes a request
  kProducer,  // publishes a message
  kConsumer,  // handles a message
};

enum class SpanStatus { kUnset, kError };

struct SpanAttribute {
  std::string name;  // "messaging.message.id": the name of OpenTelemetry's conventions, or "seshat.…"
  std::variant<std::string, int64_t, double, bool> value;
  bool operator==(const SpanAttribute&) const = default;
};

struct FinishedSpan {
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  TraceContext context;
  std::optional<std::array<std::byte, 8>> parent;  // the span id of the parent; absent: the root of its trace
  Timestamp start{};
  Timestamp end{};  // never before `start`
  SpanStatus status = SpanStatus::kUnset;
  std::string message;  // of kError, for people
  std::vector<SpanAttribute> attributes;
  std::vector<TraceContext> links;
  uint32_t dropped_attributes = 0;  // beyond the limits
  uint32_t dropped_links = 0;
  bool operator==(const FinishedSpan&) const = default;
};

}  // namespace seshat
