// The patterns of the query language on words and values: phrase, wildcard, fuzzy, regular expression. What a
// query's Text node means is defined here and nowhere else.
//
//   word      the words of the text, one after the other, in one value
//   phrase    the same, with at most `slop` other words between the first and the last
//   wildcard  '*' any run, '?' one code point, '\' takes the next literally; matches a whole value or one whole
//             word, without regard to case and accents
//   fuzzy     each word of the text is within `distance` edits of a word of the value (an insertion, deletion,
//             substitution or swap of neighbours is one); automatic: 0 up to 2 letters, 1 up to 5, 2 from 6
//   regex     RE2 syntax, matches a whole value as written (without regard to case) or one whole folded word
//
// A text that holds no word matches nothing (wildcard and regex apart).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/query/query.h"

namespace seshat::query {

// Longest regular expression (docs/formats/query.md).
inline constexpr size_t kMaxRegexBytes = 256;

class TextMatcher {
 public:
  // kInvalidArgument for a regular expression that RE2 refuses, or that is too long.
  static Result<TextMatcher> Make(const Text& text);
  TextMatcher(TextMatcher&&) noexcept;
  TextMatcher& operator=(TextMatcher&&) noexcept;
  ~TextMatcher();

  // True where a value, as written, matches.
  bool MatchesValue(std::string_view value) const;

  // For stores with a dictionary. One folded word, alone: kWildcard and kRegex as above, kFuzzy for
  // words()[index]. False for kWord and kPhrase.
  bool MatchesWord(std::string_view word, size_t index = 0) const;
  // The whole value, its words not looked at: kWildcard and kRegex only.
  bool MatchesWhole(std::string_view value) const;

  const std::vector<std::string>& words() const { return words_; }  // of kWord, kPhrase, kFuzzy
  TextMatch match() const { return match_; }
  int slop() const { return slop_; }
  // What every matching word starts with, for a scan of a sorted dictionary (kWildcard).
  const std::string& literal_prefix() const { return prefix_; }

 private:
  struct Regex;
  TextMatcher();
  bool MatchesPhrase(std::span<const std::string> value_words) const;

  TextMatch match_ = TextMatch::kWord;
  std::vector<std::string> words_;
  int slop_ = 0;
  int distance_ = -1;
  std::string pattern_;  // kWildcard, folded
  std::string prefix_;
  std::unique_ptr<Regex> regex_;
};

}  // namespace seshat::query

namespace seshat {
using query::TextMatcher;
}  // namespace seshat
