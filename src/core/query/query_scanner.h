// The characters of a query: words, quoted texts, regular expressions. What ends a word depends on where it
// stands, so the parser asks for what it expects. Private to the parser.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace seshat::query {

enum class WordPlace {
  kClause,  // may turn out to be a field: ':' and comparison signs end it ("scheme://…" is one word)
  kValue,   // after a field: only blanks, brackets and quotes end it
  kBound,   // in a range: ']' and '}' end it as well
};

struct QueryWord {
  size_t begin = 0;
  std::string text;       // without escapes
  std::string pattern;    // as a wildcard pattern: "\*", "\?" and "\\" keep their backslash
  bool escaped = false;   // a backslash was used: a plain word, whatever it looks like
  bool wildcard = false;  // holds '*' or '?'
};

class QueryScanner {
 public:
  explicit QueryScanner(std::string_view text) : text_(text) {}

  size_t position() const { return at_; }
  void Return(size_t position) { at_ = position; }
  bool AtEnd() const { return at_ >= text_.size(); }
  // The character there, or 0 at the end (a NUL in the query is a character of a word).
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool StartsWith(std::string_view token) const { return text_.substr(at_).starts_with(token); }
  // True where nothing, a blank or a bracket follows.
  bool AtBoundary(size_t ahead = 0) const;

  void SkipBlanks();
  bool Skip(std::string_view token);
  // A keyword in any case, standing alone ("and", not "android").
  bool IsKeyword(std::string_view lower) const;

  // May be empty, where something else stands.
  QueryWord ReadWord(WordPlace place);
  // Nothing where the closing quote is missing. Precondition: at '"'.
  std::optional<std::string> ReadQuoted();
  // Between slashes; nothing (and nothing read) where there is no closing slash before a boundary: a path.
  std::optional<std::string> ReadRegex();
  // "^2.5"; nothing (and nothing read) where no number follows.
  std::optional<double> ReadBoost();
  // "~" and digits, -1 without; nothing (and nothing read) where no '~' stands or something else follows.
  std::optional<int> ReadTilde();

 private:
  bool EndsWord(WordPlace place, bool address) const;

  std::string_view text_;
  size_t at_ = 0;
};

bool IsQueryBlank(char c);
// "and", "or", "not", "to" in any case.
bool IsQueryKeyword(std::string_view word);

}  // namespace seshat::query

namespace seshat {
using query::QueryScanner;
using query::QueryWord;
using query::WordPlace;
}  // namespace seshat
