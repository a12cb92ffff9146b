// Which letters a word has and how long it is, in 64 bits: two words within k edits differ in at most 2k of them. For
// finding misspelt words without looking at every word.
#pragma once

#include <cstdint>
#include <string_view>

namespace seshat::search_segment {

// Each letter a–z has a bit for being there and one for being there twice, all digits share four, and a bit for each
// length from 4 to 11 says that the word is so long. To put another letter in the place of one turns at most two bits;
// one more or one less turns one bit for the letter and one for the length. Letters beyond ASCII count by length only.
inline uint64_t WordSignature(std::string_view word) {
  constexpr unsigned kLetters = 26;
  constexpr unsigned kDigitBit = 52;
  constexpr unsigned kDigitBits = 4;
  constexpr unsigned kLengthBit = 56;
  constexpr unsigned kLengthBits = 8;
  constexpr unsigned kFirstLength = 4;
  uint64_t once = 0;
  uint64_t twice = 0;
  uint64_t digits = 0;
  unsigned length = 0;
  for (const char c : word) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++length;
    if (c >= 'a' && c <= 'z') {
      const uint64_t bit = uint64_t{1} << (c - 'a');
      twice |= once & bit;
      once |= bit;
    } else if (c >= '0' && c <= '9') {
      digits |= uint64_t{1} << (kDigitBit + static_cast<unsigned>(c - '0') % kDigitBits);
    }
  }
  const unsigned reached = length < kFirstLength ? 0 : length - kFirstLength + 1;
  const unsigned bits = reached < kLengthBits ? reached : kLengthBits;
  return once | twice << kLetters | digits | ((uint64_t{1} << bits) - 1) << kLengthBit;
}

}  // namespace seshat::search_segment
