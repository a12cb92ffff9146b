#include "core/query/text_match.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "core/base/edit_distance.h"
#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"

namespace seshat::query {
namespace {

size_t PointBytes(std::string_view text) {
  const auto point = DecodeUtf8(text);
  return point ? point->bytes : 1;
}

// Greedy with one point to come back to: linear in practice, at worst pattern × text.
bool Glob(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t += PointBytes(text.substr(t));
      continue;
    }
    const size_t literal = p < pattern.size() && pattern[p] == '\\' && p + 1 < pattern.size() ? p + 1 : p;
    if (literal < pattern.size() && pattern[literal] == text[t]) {
      p = literal + 1;
      ++t;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star + 1;
    resume += PointBytes(text.substr(resume));
    t = resume;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string LiteralPrefix(std::string_view pattern) {
  std::string prefix;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?') break;
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    prefix += pattern[i];
  }
  return prefix;
}

size_t AutomaticEdits(size_t letters) { return letters <= 2 ? 0 : letters <= 5 ? 1 : 2; }

}  // namespace

struct TextMatcher::Regex {
  explicit Regex(const std::string& pattern, const re2::RE2::Options& options) : re(pattern, options) {}
  re2::RE2 re;
};

TextMatcher::TextMatcher() = default;
TextMatcher::TextMatcher(TextMatcher&&) noexcept = default;
TextMatcher& TextMatcher::operator=(TextMatcher&&) noexcept = default;
TextMatcher::~TextMatcher() = default;

Result<TextMatcher> TextMatcher::Make(const Text& text) {
  TextMatcher matcher;
  matcher.match_ = text.match;
  switch (text.match) {
    case TextMatch::kWord:
      matcher.words_ = metadata::Words(text.text);
      break;
    case TextMatch::kPhrase:
      matcher.words_ = metadata::Words(text.text);
      matcher.slop_ = std::max(text.distance, 0);
      break;
    case TextMatch::kFuzzy:
      matcher.words_ = metadata::Words(text.text);
      matcher.distance_ = text.distance;
      break;
    case TextMatch::kWildcard:
      matcher.pattern_ = metadata::FoldAccents(text.text);
      matcher.prefix_ = LiteralPrefix(matcher.pattern_);
      break;
    case TextMatch::kRegex: {
      if (text.text.size() > kMaxRegexBytes)
        return Fail(ErrorCode::kInvalidArgument, fmt::format("a regular expression may have {} bytes, this one has {}",
                                                             kMaxRegexBytes, text.text.size()));
      re2::RE2::Options options;
      options.set_case_sensitive(false);
      options.set_log_errors(false);
      options.set_dot_nl(true);
      options.set_max_mem(1 << 20);
      matcher.regex_ = std::make_unique<Regex>(text.text, options);
      if (!matcher.regex_->re.ok())
        return Fail(ErrorCode::kInvalidArgument,
                    fmt::format("regular expression /{}/: {}", text.text, matcher.regex_->re.error()));
      break;
    }
  }
  return matcher;
}

bool TextMatcher::MatchesWhole(std::string_view value) const {
  if (match_ == TextMatch::kWildcard) return Glob(pattern_, metadata::FoldAccents(value));
  if (match_ == TextMatch::kRegex) return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), regex_->re);
  return false;
}

bool TextMatcher::MatchesWord(std::string_view word, size_t index) const {
  if (match_ == TextMatch::kWildcard) return Glob(pattern_, word);
  if (match_ == TextMatch::kRegex) return re2::RE2::FullMatch(re2::StringPiece(word.data(), word.size()), regex_->re);
  if (match_ != TextMatch::kFuzzy) return false;
  const std::string& wanted = words_[index];
  const size_t limit = distance_ >= 0 ? static_cast<size_t>(distance_) : AutomaticEdits(CountCodePoints(wanted));
  return WithinEdits(wanted, word, limit);
}

bool TextMatcher::MatchesPhrase(std::span<const std::string> value_words) const {
  if (words_.empty()) return false;
  // From every start, each next word as early as possible: the tightest fit for that start.
  for (size_t start = 0; start + words_.size() <= value_words.size(); ++start) {
    if (value_words[start] != words_[0]) continue;
    size_t at = start;
    size_t found = 1;
    for (; found < words_.size(); ++found) {
      const auto rest = value_words.subspan(at + 1);
      const auto next = std::ranges::find(rest, words_[found]);
      if (next == rest.end()) break;
      at += 1 + static_cast<size_t>(next - rest.begin());
    }
    if (found == words_.size() && at - start - (words_.size() - 1) <= static_cast<size_t>(slop_)) return true;
  }
  return false;
}

bool TextMatcher::MatchesValue(std::string_view value) const {
  if (MatchesWhole(value)) return true;
  const auto value_words = metadata::Words(value);
  if (match_ == TextMatch::kWord || match_ == TextMatch::kPhrase) return MatchesPhrase(value_words);
  const auto any = [&](size_t index) {
    return std::ranges::any_of(value_words, [&](const auto& word) { return MatchesWord(word, index); });
  };
  if (match_ != TextMatch::kFuzzy) return any(0);
  for (size_t i = 0; i < words_.size(); ++i)
    if (!any(i)) return false;
  return !words_.empty();
}

}  // namespace seshat::query
