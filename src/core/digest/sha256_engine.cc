// OpenSSL's functions for SHA-256 alone are the only ones that take the words of a message under way; since 3.0 they
// are marked as deprecated in favour of EVP.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/digest/sha256_engine.h"

#include <openssl/sha.h>

#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace seshat::digest {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::array<uint32_t, 64> FirstPrimes() {
  std::array<uint32_t, 64> primes{};
  size_t count = 0;
  for (uint32_t n = 2; count < primes.size(); ++n) {
    bool prime = true;
    for (size_t i = 0; i < count; ++i) prime = prime && n % primes[i] != 0;
    if (prime) primes[count++] = n;
  }
  return primes;
}

// The first 32 bits of the fractional part of a root: the low half of root(n · 2^(32·degree)), bit by bit. 37 bits hold
// the roots of all n < 2^10.
constexpr uint32_t RootFraction(uint32_t n, unsigned degree) {
  const Wide wanted = Wide{n} << (32 * degree);
  uint64_t root = 0;
  for (int bit = 36; bit >= 0; --bit) {
    const uint64_t next = root | uint64_t{1} << bit;
    const Wide square = Wide{next} * next;
    if (degree == 2 ? square <= wanted : square <= wanted / next) root = next;
  }
  return static_cast<uint32_t>(root);
}

// FIPS 180-4, section 4.2.2: cube roots of the first 64 primes.
constexpr std::array<uint32_t, 64> MakeRoundConstants() {
  std::array<uint32_t, 64> constants = FirstPrimes();
  for (uint32_t& c : constants) c = RootFraction(c, 3);
  return constants;
}

// Section 5.3.3: square roots of the first eight.
constexpr Sha256Words MakeStart() {
  Sha256Words words{};
  for (size_t i = 0; i < words.size(); ++i) words[i] = RootFraction(FirstPrimes()[i], 2);
  return words;
}

void AdvanceByOpenSsl(std::span<const Sha256Lane> lanes, size_t blocks) {
  // Lanes that share data find it in the first-level cache.
  constexpr size_t kTurn = (8 << 10) / kSha256BlockBytes;
  for (size_t done = 0; done < blocks; done += kTurn) {
    const size_t bytes = kSha256BlockBytes * std::min(kTurn, blocks - done);
    for (const Sha256Lane& lane : lanes) {
      SHA256_CTX context{};
      context.md_len = SHA256_DIGEST_LENGTH;
      std::ranges::copy(*lane.words, context.h);
      SHA256_Update(&context, lane.data + done * kSha256BlockBytes, bytes);
      std::ranges::copy(context.h, lane.words->begin());
    }
  }
}

#if defined(__x86_64__)

alignas(16) constexpr std::array<uint32_t, 64> kRoundConstants = MakeRoundConstants();

#define SESHAT_SHA_NI [[gnu::target("sha,sse4.1")]]

// Eight words as sha256rnds2 takes them, most significant first: a b e f, and c d g h.
struct Halves {
  __m128i abef;
  __m128i cdgh;
};

SESHAT_SHA_NI inline Halves Load(const Sha256Words& words) {
  const auto* from = reinterpret_cast<const __m128i*>(words.data());
  const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(from), 0xB1);
  const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(from + 1), 0x1B);
  return {_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xF0)};
}

SESHAT_SHA_NI inline void Store(const Halves& halves, Sha256Words& words) {
  auto* to = reinterpret_cast<__m128i*>(words.data());
  const __m128i abef = _mm_shuffle_epi32(halves.abef, 0x1B);
  const __m128i ghcd = _mm_shuffle_epi32(halves.cdgh, 0xB1);
  _mm_storeu_si128(to, _mm_blend_epi16(abef, ghcd, 0xF0));
  _mm_storeu_si128(to + 1, _mm_alignr_epi8(ghcd, abef, 8));
}

// Four words of the message schedule (section 6.2.2, step 1) plus their constants. `last` holds the sixteen words before
// them, in a ring.
SESHAT_SHA_NI inline __m128i NextWords(__m128i (&last)[4], size_t four, const std::byte* block) {
  __m128i& words = last[four % 4];
  if (four < 4) {
    const __m128i big_endian = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    words = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + four), big_endian);
  } else {
    const __m128i before = last[(four + 3) % 4];
    const __m128i seven_ago = _mm_alignr_epi8(before, last[(four + 2) % 4], 4);
    words = _mm_sha256msg1_epu32(words, last[(four + 1) % 4]);
    words = _mm_sha256msg2_epu32(_mm_add_epi32(words, seven_ago), before);
  }
  return _mm_add_epi32(words, _mm_load_si128(reinterpret_cast<const __m128i*>(kRoundConstants.data()) + four));
}

// All loops over lanes are unrolled, so that everything stays in registers. `shared`: all have the same data, and one
// message schedule.
template <size_t kLanes, bool shared>
SESHAT_SHA_NI void AdvanceLanes(std::span<const Sha256Lane> lanes, size_t blocks) {
  Halves states[kLanes];
#pragma GCC unroll 4
  for (size_t i = 0; i < kLanes; ++i) states[i] = Load(*lanes[i].words);
  for (size_t block = 0; block < blocks; ++block) {
    Halves rounds[kLanes];
    __m128i last[kLanes][4];
    __m128i words[kLanes];
#pragma GCC unroll 4
    for (size_t i = 0; i < kLanes; ++i) rounds[i] = states[i];
#pragma GCC unroll 16
    for (size_t four = 0; four < 16; ++four) {
#pragma GCC unroll 4
      for (size_t i = 0; i < kLanes; ++i) {
        words[i] = shared && i > 0 ? words[0] : NextWords(last[i], four, lanes[i].data + kSha256BlockBytes * block);
        rounds[i].cdgh = _mm_sha256rnds2_epu32(rounds[i].cdgh, rounds[i].abef, words[i]);
      }
#pragma GCC unroll 4
      for (size_t i = 0; i < kLanes; ++i)
        rounds[i].abef = _mm_sha256rnds2_epu32(rounds[i].abef, rounds[i].cdgh, _mm_shuffle_epi32(words[i], 0x0E));
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < kLanes; ++i)
      states[i] = {_mm_add_epi32(states[i].abef, rounds[i].abef), _mm_add_epi32(states[i].cdgh, rounds[i].cdgh)};
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < kLanes; ++i) Store(states[i], *lanes[i].words);
}

void AdvanceByShaNi(std::span<const Sha256Lane> lanes, size_t blocks) {
  switch (lanes.size()) {
    case 1:
      return AdvanceLanes<1, false>(lanes, blocks);
    case 2:
      if (lanes[0].data == lanes[1].data) return AdvanceLanes<2, true>(lanes, blocks);
      return AdvanceLanes<2, false>(lanes, blocks);
    case 3:
      return AdvanceLanes<3, false>(lanes, blocks);
    case 4:
      return AdvanceLanes<4, false>(lanes, blocks);
    default:
      return;
  }
}

// __builtin_cpu_supports of g++ 12 does not know "sha": CPUID leaf 7, EBX bit 29 (Intel SDM, volume 2A, CPUID).
bool HasShaNi() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __builtin_cpu_supports("sse4.1") != 0 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
         (ebx & bit_SHA) != 0;
}

#endif

std::vector<Sha256Engine> FindEngines() {
  std::vector<Sha256Engine> engines{{"OpenSSL", AdvanceByOpenSsl}};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (HasShaNi()) engines.push_back({"SHA-NI", AdvanceByShaNi});
#endif
  return engines;
}

}  // namespace

constinit const Sha256Words kSha256Start = MakeStart();

std::span<const Sha256Engine> Sha256Engines() {
  static const std::vector<Sha256Engine> engines = FindEngines();
  return engines;
}

}  // namespace seshat::digest
