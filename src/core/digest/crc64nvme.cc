#include "core/digest/crc64nvme.h"

#include <immintrin.h>

#include <array>
#include <cstring>
#include <vector>

namespace seshat::digest {
namespace {

// Reflected: bit 63 is the coefficient of x^0, bit 0 that of x^63.
constexpr uint64_t kPolynomial = 0x9A6C9329AC4BC9B5;

constexpr uint64_t TimesX(uint64_t value) { return (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0); }

// x^n modulo the polynomial.
constexpr uint64_t PowerOfX(unsigned n) {
  uint64_t value = uint64_t{1} << 63;
  for (; n > 0; --n) value = TimesX(value);
  return value;
}

constexpr uint64_t Multiply(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  for (uint64_t bit = uint64_t{1} << 63; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = TimesX(b);
  }
  return product;
}

using Tables = std::array<std::array<uint64_t, 256>, 8>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (unsigned i = 0; i < 256; ++i) {
    uint64_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = TimesX(value);
    tables[0][i] = value;
  }
  for (unsigned i = 0; i < 256; ++i)
    for (size_t t = 1; t < tables.size(); ++t)
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
  return tables;
}

constexpr Tables kTables = MakeTables();

uint64_t UpdateByTable(uint64_t state, ByteSpan data) {
  while (data.size() >= 8) {
    uint64_t word = 0;
    std::memcpy(&word, data.data(), sizeof word);
    word ^= state;
    state = 0;
    for (size_t byte = 0; byte < 8; ++byte) state ^= kTables[7 - byte][(word >> (8 * byte)) & 0xFF];
    data = data.subspan(8);
  }
  for (const std::byte b : data) state = (state >> 8) ^ kTables[0][(state ^ std::to_integer<uint64_t>(b)) & 0xFF];
  return state;
}

// Folding moves 128 bits `distance` bits towards the end of the message: the half that comes first (the low one) times
// x^(distance+64), the other times x^distance. A product of two reflected numbers comes out one bit too low, hence -1.
struct FoldBy {
  uint64_t first;
  uint64_t second;
};
constexpr FoldBy Folding(unsigned distance) { return {PowerOfX(distance + 63), PowerOfX(distance - 1)}; }

constexpr FoldBy kFold128 = Folding(128);
constexpr FoldBy kFold1024 = Folding(1024);
constexpr FoldBy kFold2048 = Folding(2048);

#if defined(__x86_64__)

[[gnu::target("pclmul,sse4.1")]] inline __m128i Fold(__m128i value, __m128i by, __m128i next) {
  return _mm_xor_si128(next,
                       _mm_xor_si128(_mm_clmulepi64_si128(value, by, 0x00), _mm_clmulepi64_si128(value, by, 0x11)));
}

[[gnu::target("pclmul,sse4.1")]] inline __m128i Load(const std::byte* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

[[gnu::target("pclmul,sse4.1")]] inline __m128i Constant(FoldBy by) {
  return _mm_set_epi64x(static_cast<long long>(by.second), static_cast<long long>(by.first));
}

[[gnu::target("pclmul,sse4.1")]] uint64_t UpdateByClmul(uint64_t state, ByteSpan data) {
  constexpr size_t kLanes = 8;
  constexpr size_t kStep = kLanes * 16;
  if (data.size() < 2 * kStep) return UpdateByTable(state, data);
  __m128i lanes[kLanes];
  for (size_t i = 0; i < kLanes; ++i) lanes[i] = Load(data.data() + 16 * i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi64_si128(static_cast<long long>(state)));
  data = data.subspan(kStep);
  for (const __m128i by = Constant(kFold1024); data.size() >= kStep; data = data.subspan(kStep))
    for (size_t i = 0; i < kLanes; ++i) lanes[i] = Fold(lanes[i], by, Load(data.data() + 16 * i));
  const __m128i by = Constant(kFold128);
  for (size_t i = 1; i < kLanes; ++i) lanes[i] = Fold(lanes[i - 1], by, lanes[i]);
  __m128i last = lanes[kLanes - 1];
  for (; data.size() >= 16; data = data.subspan(16)) last = Fold(last, by, Load(data.data()));
  std::array<std::byte, 16> rest;
  std::memcpy(rest.data(), &last, sizeof last);
  return UpdateByTable(UpdateByTable(0, rest), data);
}

[[gnu::target("avx512f,avx512vl,vpclmulqdq,pclmul,sse4.1")]] uint64_t UpdateByWideClmul(uint64_t state, ByteSpan data) {
  constexpr size_t kLanes = 4;
  constexpr size_t kStep = kLanes * 64;
  if (data.size() < 2 * kStep) return UpdateByClmul(state, data);
  __m512i lanes[kLanes];
  for (size_t i = 0; i < kLanes; ++i) lanes[i] = _mm512_loadu_si512(data.data() + 64 * i);
  lanes[0] = _mm512_xor_si512(lanes[0], _mm512_zextsi128_si512(_mm_cvtsi64_si128(static_cast<long long>(state))));
  data = data.subspan(kStep);
  for (const __m512i by = _mm512_broadcast_i32x4(Constant(kFold2048)); data.size() >= kStep;
       data = data.subspan(kStep)) {
    for (size_t i = 0; i < kLanes; ++i) {
      const __m512i next = _mm512_loadu_si512(data.data() + 64 * i);
      const __m512i folded =
          _mm512_xor_si512(_mm512_clmulepi64_epi128(lanes[i], by, 0x00), _mm512_clmulepi64_epi128(lanes[i], by, 0x11));
      lanes[i] = _mm512_xor_si512(folded, next);
    }
  }
  // What is left is a message of 256 bytes, then the tail.
  std::array<std::byte, kStep> rest;
  std::memcpy(rest.data(), lanes, kStep);
  // g++ 12 leaves this out in a function with a target of its own. Without it every SSE instruction that the thread runs
  // from here on also waits for the upper half of its register: SHA-256 in OpenSSL loses a sixth.
  _mm256_zeroupper();
  return UpdateByClmul(UpdateByClmul(0, rest), data);
}

#endif

std::vector<Crc64Engine> FindEngines() {
  std::vector<Crc64Engine> engines{{"table", UpdateByTable}};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0) {
    engines.push_back({"clmul", UpdateByClmul});
    if (__builtin_cpu_supports("vpclmulqdq") != 0 && __builtin_cpu_supports("avx512f") != 0 &&
        __builtin_cpu_supports("avx512vl") != 0)
      engines.push_back({"wide clmul", UpdateByWideClmul});
  }
#endif
  return engines;
}

}  // namespace

std::span<const Crc64Engine> Crc64Engines() {
  static const std::vector<Crc64Engine> engines = FindEngines();
  return engines;
}

uint64_t Crc64Nvme(ByteSpan data, uint64_t before) { return ~Crc64Engines().back().update(~before, data); }

uint64_t CombineCrc64Nvme(uint64_t of_a, uint64_t of_b, uint64_t length_of_b) {
  // Moving a checksum over n bytes multiplies it by x^(8n); start and final XOR cancel out.
  uint64_t factor = uint64_t{1} << 63;
  uint64_t power = PowerOfX(8);
  for (; length_of_b != 0; length_of_b >>= 1) {
    if ((length_of_b & 1) != 0) factor = Multiply(factor, power);
    power = Multiply(power, power);
  }
  return Multiply(of_a, factor) ^ of_b;
}

namespace {
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}  // namespace

std::string Crc64NvmeBase64(uint64_t crc) {
  std::string out;
  // 64 bits are ten digits of six bits, four bits in an eleventh, and one '='.
  for (int shift = 58; shift >= 4; shift -= 6) out.push_back(kDigits[(crc >> shift) & 63]);
  out.push_back(kDigits[(crc << 2) & 63]);
  return out + "=";
}

std::optional<uint64_t> ParseCrc64Nvme(std::string_view base64) {
  if (base64.size() != 12 || base64[11] != '=') return std::nullopt;
  uint64_t crc = 0;
  for (size_t i = 0; i < 11; ++i) {
    const size_t digit = kDigits.find(base64[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    // The eleventh digit holds four bits of the number, and two that must be nothing.
    if (i == 10 && (digit & 3) != 0) return std::nullopt;
    crc = i < 10 ? crc << 6 | digit : crc << 4 | digit >> 2;
  }
  return crc;
}

}  // namespace seshat::digest
