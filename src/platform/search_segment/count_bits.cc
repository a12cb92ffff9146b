#include "platform/search_segment/count_bits.h"

namespace seshat::search_segment {
namespace {

struct WithoutInstruction {
  static uint64_t Count(uint64_t x) {
    x -= x >> 1 & 0x5555555555555555;
    x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F;
    return x * 0x0101010101010101 >> 56;
  }
  static size_t CountAll(std::span<const uint64_t> words) {
    size_t count = 0;
    for (const uint64_t word : words) count += Count(word);
    return count;
  }
  static void FindNear(std::span<const uint64_t> signatures, uint64_t wanted, unsigned most,
                       std::vector<uint32_t>& out) {
    for (size_t i = 0; i < signatures.size(); ++i)
      if (Count(signatures[i] ^ wanted) <= most) out.push_back(static_cast<uint32_t>(i));
  }
};

#if defined(__x86_64__)
struct WithInstruction {
  __attribute__((target("popcnt"))) static size_t CountAll(std::span<const uint64_t> words) {
    size_t count = 0;
    for (const uint64_t word : words) count += static_cast<size_t>(__builtin_popcountll(word));
    return count;
  }
  __attribute__((target("popcnt"))) static void FindNear(std::span<const uint64_t> signatures, uint64_t wanted,
                                                         unsigned most, std::vector<uint32_t>& out) {
    for (size_t i = 0; i < signatures.size(); ++i)
      if (static_cast<unsigned>(__builtin_popcountll(signatures[i] ^ wanted)) <= most)
        out.push_back(static_cast<uint32_t>(i));
  }
};
const bool kHasInstruction = __builtin_cpu_supports("popcnt") != 0;
#else
using WithInstruction = WithoutInstruction;
constexpr bool kHasInstruction = false;
#endif

}  // namespace

size_t CountBits(std::span<const uint64_t> words) {
  return kHasInstruction ? WithInstruction::CountAll(words) : WithoutInstruction::CountAll(words);
}

void FindNearWords(std::span<const uint64_t> signatures, uint64_t wanted, unsigned most, std::vector<uint32_t>& out) {
  kHasInstruction ? WithInstruction::FindNear(signatures, wanted, most, out)
                  : WithoutInstruction::FindNear(signatures, wanted, most, out);
}

}  // namespace seshat::search_segment
