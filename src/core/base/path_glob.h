// PathGlob: a pattern over the paths of files, with one set of rules for sources and processors (ADR 0034).
//
//   *      any bytes but '/'          **     any bytes, '/' included; a segment "**/" also matches nothing
//   ?      one byte but '/'           [a-z]  one of these bytes, [!a-z] and [^a-z] none of these; never '/'
//   \x     the byte x itself
//
// A pattern without '/' is held against a file's name, at any depth; one with '/' against the whole path, and a '/' at
// its beginning stands for the folder that paths begin in: "/*.csv" is the files at the top. Matching is over bytes and
// never over a part of the name or path.
//
// Read once, matched often: the forms that people write (a name, "*.csv", "data/**", "**/*.csv") cost two comparisons,
// and every other one O(pattern × path). Immutable; thread-safe.
#pragma once

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace seshat {

class PathGlob {
 public:
  // Longer than any sensible pattern, and a bound of the work for one path.
  static constexpr size_t kMaxBytes = 1024;

  // A pattern that is refused matches nothing: who takes one from a configuration asks for its status() first.
  explicit PathGlob(std::string pattern);

  // kInvalidArgument: the pattern is empty, longer than kMaxBytes, has a '[' without ']', or ends with '\' or '/'.
  Status status() const;
  bool Matches(std::string_view path) const;
  const std::string& pattern() const { return pattern_; }

 private:
  enum class Kind { kByte, kStar, kDoubleStar, kFolders };
  struct Token {
    Kind kind;
    std::bitset<256> bytes;  // of kByte: those it stands for
  };
  // What lies between the plain beginning and the plain end of the pattern.
  enum class Middle { kNothing, kName, kAnything, kFolders, kTokens, kRefused };

  bool Read(std::string_view pattern);
  void Simplify();
  bool MatchTokens(std::string_view text) const;

  std::string pattern_;
  std::string problem_;
  bool name_only_;
  std::string begin_;
  std::string end_;
  Middle middle_ = Middle::kRefused;
  std::vector<Token> tokens_;
};

// The first refused one as an error that begins with `setting`.
Status CheckPathGlobs(std::string_view setting, std::span<const PathGlob> globs);

// The index of the first glob that matches, or globs.size().
size_t FirstMatch(std::span<const PathGlob> globs, std::string_view path);

}  // namespace seshat
