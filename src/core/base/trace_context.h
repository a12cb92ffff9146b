// W3C Trace Context, level 1: the `traceparent` that goes with a session from the scan on the rig to the
// sandbox.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace seshat {

struct TraceContext {
  std::array<std::byte, 16> trace_id{};
  std::array<std::byte, 8> span_id{};
  uint8_t flags = 1;  // sampled

  // From 24 random bytes; a (never seen) all-zero id is made valid.
  static TraceContext FromRandom(std::span<const std::byte, 24> random);
  static Result<TraceContext> Parse(std::string_view traceparent);
  // The same trace, another span.
  TraceContext Child(std::span<const std::byte, 8> random) const;

  std::string ToString() const;  // "00-<32 digits>-<16 digits>-01"
  std::string TraceIdHex() const;
  bool operator==(const TraceContext&) const = default;
};

}  // namespace seshat
