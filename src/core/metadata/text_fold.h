// How texts are compared without regard to case and accents, and what a word is. One implementation for the
// reference evaluator and for every store that keeps words.
//
// Case: Unicode 14 simple folding (one code point for one: "ẞ" is "ß", but "SS" is not). Canonical
// decomposition and accents: Latin, Greek and Cyrillic blocks (U+00C0–024F, U+0370–052F, U+1E00–1FFF) with
// marks U+0300–036F, so NFC and NFD twins are equal there. Other scripts are compared as they are. Invalid
// UTF-8 comes through byte by byte.
//
// All functions are pure and thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace seshat::metadata {

// Folds case and decomposes: equal for texts that differ in case or composition only. Keeps accents.
std::string FoldCase(std::string_view text);
// How field names are compared: FoldCase.
std::string FoldField(std::string_view name);
// FoldCase, and accents dropped ("Zürich" and "zurich", "ø" and "o").
std::string FoldAccents(std::string_view text);

// Longer words are cut here, in documents and queries alike, so that a value of 1 MB without a blank does not
// become a key of 1 MB in an index.
inline constexpr size_t kMaxWordBytes = 256;

// The words of `text`, folded with FoldAccents. A word is a run of ASCII letters and digits and of code
// points from U+00A1 on that are no punctuation, symbol of Latin-1 or private use; '_' and '.' divide words.
// An ideograph or kana is a word of its own (no blanks divide them in writing). Emoji are words.
std::vector<std::string> Words(std::string_view text);

// The same words of valid UTF-8, and the bytes [begin, end) of `text` that each stands for.
struct PlacedWord {
  std::string word;
  size_t begin = 0;
  size_t end = 0;
};
std::vector<PlacedWord> PlacedWords(std::string_view text);

}  // namespace seshat::metadata

namespace seshat {
using metadata::PlacedWord;
}  // namespace seshat
