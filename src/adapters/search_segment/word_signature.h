// Which letters a word has, in 64 bits: two words within k edits differ in at most 2k of them. For finding misspelt
// words without looking at every word.
#pragma once

#include <cstdint>
#include <string_view>

namespace seshat::search_segment {

// Each letter a–z has a bit for being there and one for being there twice; all else shares the remaining twelve bits.
// An edit takes one letter away, adds one, or both, each of which turns at most one bit. In UTF-8 an edit of one code
// point may touch four bytes, so bytes beyond ASCII are not looked at.
inline uint64_t WordSignature(std::string_view word) {
  uint64_t once = 0;
  uint64_t twice = 0;
  constexpr unsigned kLetters = 26;
  constexpr unsigned kDigitBit = 52;
  uint64_t digits = 0;
  for (const char c : word) {
    if (c >= 'a' && c <= 'z') {
      const uint64_t bit = uint64_t{1} << (c - 'a');
      twice |= once & bit;
      once |= bit;
    } else if (c >= '0' && c <= '9') {
      digits |= uint64_t{1} << (kDigitBit + static_cast<unsigned>(c - '0'));
    }
  }
  return once | twice << kLetters | digits;
}

}  // namespace seshat::search_segment
