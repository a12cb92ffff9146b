// Counting bits, which the generic x86-64 that we compile for has no instruction for, but every machine of the last
// fifteen years has. Chosen when the program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace seshat::search_segment {

size_t CountBits(std::span<const uint64_t> words);

// The places of signatures that differ from `wanted` in at most `most` bits.
void FindNearWords(std::span<const uint64_t> signatures, uint64_t wanted, unsigned most, std::vector<uint32_t>& out);

}  // namespace seshat::search_segment
