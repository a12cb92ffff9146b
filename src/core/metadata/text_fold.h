// How texts are compared without regard to case and accents, and what a word is. One implementation for the reference
// evaluator and for every store that keeps words. By utf8proc, for all scripts (ADR 0035).
//
// Case: Unicode's full folding ("ẞ", "ß" and "SS" are "ss", "Σ", "σ" and "ς" are "σ"). Composition: everything is
// decomposed canonically, with marks in canonical order, so NFC and NFD twins are equal; what is only compatible stays
// different ("Ａ" and "A", "²" and "2").
//
// Accents: the marks of canonical combining class 1, 10–36 and 200–240 are dropped, and the tatweel U+0640, which only
// makes a word longer. That is the accents of Latin, Greek and Cyrillic (the iota below a Greek vowel too), the hamza
// and vowel signs of Arabic, the points of Hebrew and of Syriac. Kept are the marks without which a word is another
// one: vowel signs, viramas and nuktas of Indian scripts (class 0, 7, 9), vowels and tones of Thai, Lao and Tibetan
// (84–132), the voicing of kana (8). Letters with a stroke (ø đ ħ ł ŧ) are the plain ones.
//
// Turkish: "I" folds to "i" and "İ" to "i" with a dot above, as everywhere outside Turkey; "ı" stays. Without accents
// all four are "i", so a word is found however its i was typed.
//
// Invalid UTF-8 comes through byte by byte. Folding twice is folding once. All functions are pure and thread-safe.
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

// The words of `text`, folded with FoldAccents. A word is a run of letters, digits and marks of any script; '_', '.'
// and all other punctuation, blanks, the symbols of Latin-1, currencies, arrows, operators and private use divide words.
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
