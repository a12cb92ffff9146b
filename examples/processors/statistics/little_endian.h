// Little-endian numbers, as EDF, WFDB and ULog hold them, read on any machine.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace seshat::statistics {

template <typename T>
T LoadLittle(const unsigned char* bytes) {
  using Bits = std::conditional_t<
      sizeof(T) == 8, uint64_t,
      std::conditional_t<sizeof(T) == 4, uint32_t, std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>;
  Bits bits = 0;
  for (size_t i = 0; i < sizeof(T); ++i) bits = static_cast<Bits>(bits | (static_cast<Bits>(bytes[i]) << (8 * i)));
  return std::bit_cast<T>(bits);
}

// The lowest `width` bits of `value` as a two's complement number.
inline int32_t SignExtend(uint32_t value, unsigned width) {
  const uint32_t sign = 1U << (width - 1);
  const uint32_t kept = width == 32 ? value : value & ((1U << width) - 1);
  return static_cast<int32_t>((kept ^ sign) - sign);
}

}  // namespace seshat::statistics
