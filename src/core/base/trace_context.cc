#include "core/base/trace_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.h"

namespace seshat {
namespace {

bool AllZero(ByteSpan bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

TraceContext TraceContext::FromRandom(std::span<const std::byte, 24> random) {
  TraceContext context;
  std::ranges::copy(random.first<16>(), context.trace_id.begin());
  std::ranges::copy(random.last<8>(), context.span_id.begin());
  if (AllZero(context.trace_id)) context.trace_id.back() = std::byte{1};
  if (AllZero(context.span_id)) context.span_id.back() = std::byte{1};
  return context;
}

TraceContext TraceContext::Child(std::span<const std::byte, 8> random) const {
  TraceContext child = *this;
  std::ranges::copy(random, child.span_id.begin());
  if (AllZero(child.span_id)) child.span_id.back() = std::byte{1};
  return child;
}

Result<TraceContext> TraceContext::Parse(std::string_view text) {
  TraceContext context;
  std::array<std::byte, 1> version{};
  std::array<std::byte, 1> flags{};
  // A later version may be longer; its first four fields are the same.
  const bool shape = text.size() >= 55 && text[2] == '-' && text[35] == '-' && text[52] == '-' &&
                     (text.size() == 55 || text[55] == '-');
  const bool ok = shape && HexDecode(text.substr(0, 2), version) && HexDecode(text.substr(3, 32), context.trace_id) &&
                  HexDecode(text.substr(36, 16), context.span_id) && HexDecode(text.substr(53, 2), flags) &&
                  version[0] != std::byte{0xFF} && (version[0] != std::byte{0} || text.size() == 55) &&
                  !AllZero(context.trace_id) && !AllZero(context.span_id);
  if (!ok) return Fail(ErrorCode::kInvalidArgument, "not a W3C traceparent");
  context.flags = std::to_integer<uint8_t>(flags[0]);
  return context;
}

std::string TraceContext::ToString() const {
  return fmt::format("00-{}-{}-{:02x}", HexEncode(trace_id), HexEncode(span_id), flags);
}

std::string TraceContext::TraceIdHex() const { return HexEncode(trace_id); }

}  // namespace seshat
