#include "core/digest/crc64nvme.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace seshat::digest {
namespace {

// The definition, one bit at a time.
uint64_t BitByBit(std::string_view text) {
  uint64_t state = ~uint64_t{0};
  for (const char c : text) {
    state ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0x9A6C9329AC4BC9B5 : 0);
  }
  return ~state;
}

TEST(Crc64Nvme, PublishedCheckValue) {
  EXPECT_EQ(Crc64Nvme(AsBytes("123456789")), 0xAE8B14860A799888);
  EXPECT_EQ(Crc64Nvme({}), 0U);
  EXPECT_EQ(Crc64NvmeBase64(0xAE8B14860A799888), "rosUhgp5mIg=");
}

RC_GTEST_PROP(Crc64Nvme, ItsTextIsReadBack, ()) {
  const auto crc = *rc::gen::arbitrary<uint64_t>();
  RC_ASSERT(ParseCrc64Nvme(Crc64NvmeBase64(crc)) == crc);
}

TEST(Crc64Nvme, OtherTextsAreNoChecksum) {
  for (const char* text :
       {"", "Z9Ukjw==", "rosUhgp5mIg", "rosUhgp5mIh=", "rosUhgp5mI g=", "rosUhgp5mI*=", "rosUhgp5mIg=="})
    EXPECT_FALSE(ParseCrc64Nvme(text)) << text;
}

RC_GTEST_PROP(Crc64Nvme, EveryEngineFollowsTheDefinition, ()) {
  // Lengths around every engine's block sizes, at every alignment.
  const auto length = *rc::gen::inRange<size_t>(0, 1400);
  const auto shift = *rc::gen::inRange<size_t>(0, 64);
  const auto bytes = *rc::gen::container<std::string>(length + shift, rc::gen::arbitrary<char>());
  const std::string_view text = std::string_view(bytes).substr(shift);
  const uint64_t expected = BitByBit(text);
  for (const auto& engine : Crc64Engines()) {
    if (~engine.update(~uint64_t{0}, AsBytes(text)) != expected) RC_FAIL(std::string(engine.name) + " is wrong");
  }
  const auto cut = *rc::gen::inRange<size_t>(0, length + 1);
  const auto of_a = Crc64Nvme(AsBytes(text.substr(0, cut)));
  const auto of_b = Crc64Nvme(AsBytes(text.substr(cut)));
  RC_ASSERT(Crc64Nvme(AsBytes(text.substr(cut)), of_a) == expected);
  RC_ASSERT(CombineCrc64Nvme(of_a, of_b, length - cut) == expected);
}

#if defined(__x86_64__)

// Which parts of the registers are in use (Intel SDM, volume 1, section 13.6): the upper halves of ymm0–15 and zmm0–15.
[[gnu::target("xsave,avx")]] bool UpperHalvesInUse() { return (_xgetbv(1) & 0x44) != 0; }
[[gnu::target("avx")]] void ClearUpperHalves() { _mm256_zeroupper(); }

bool TellsWhatIsInUse() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __builtin_cpu_supports("avx") != 0 && __get_cpuid_count(0xD, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & 4) != 0;
}

// Where an engine leaves them in use, everything that runs after it does so more slowly.
TEST(Crc64Nvme, NoEngineLeavesUpperHalvesInUse) {
  if (!TellsWhatIsInUse()) {
    fmt::print("this processor does not tell what is in use: not run\n");
    return;
  }
  const std::string text(4096, 'x');
  for (const auto& engine : Crc64Engines()) {
    ClearUpperHalves();
    engine.update(0, AsBytes(text));
    const bool in_use = UpperHalvesInUse();
    EXPECT_FALSE(in_use) << engine.name;
  }
}

#endif

}  // namespace
}  // namespace seshat::digest
