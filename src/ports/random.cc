#include "ports/random.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "core/base/hex.h"

namespace seshat {

std::string RandomId(Random& random) {
  std::array<std::byte, 16> bytes{};
  random.Fill(bytes);
  return HexEncode(bytes);
}

TraceContext NewTrace(Random& random) {
  std::array<std::byte, 24> bytes{};
  random.Fill(bytes);
  return TraceContext::FromRandom(bytes);
}

TraceContext ChildSpan(Random& random, const TraceContext& parent) {
  std::array<std::byte, 8> bytes{};
  random.Fill(bytes);
  return parent.Child(bytes);
}

double RandomUnit(Random& random) {
  uint64_t bits = 0;
  std::array<std::byte, sizeof bits> bytes{};
  random.Fill(bytes);
  std::memcpy(&bits, bytes.data(), sizeof bits);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace seshat
