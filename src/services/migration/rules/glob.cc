#include "services/migration/rules/glob.h"

#include <utility>

namespace seshat::migration {
namespace {

constexpr size_t kNone = std::string_view::npos;

// Matches one '[…]' at pattern[at] against `c` and moves `at` behind it; an unclosed '[' is a plain character.
bool MatchClass(std::string_view pattern, size_t& at, char c) {
  size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  const size_t first = i;
  bool found = false;
  for (; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
    const auto low = static_cast<unsigned char>(pattern[i]);
    auto high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = static_cast<unsigned char>(pattern[i + 2]);
      i += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    found = found || (low <= byte && byte <= high);
  }
  if (i >= pattern.size()) {
    ++at;
    return c == '[';
  }
  at = i + 1;
  return c != '/' && found != negated;
}

// Matches one pattern element that is no star, moving `at` behind it.
bool MatchOne(std::string_view pattern, size_t& at, char c) {
  switch (pattern[at]) {
    case '?':
      ++at;
      return c != '/';
    case '[':
      return MatchClass(pattern, at, c);
    case '\\':
      if (at + 1 < pattern.size()) ++at;
      [[fallthrough]];
    default:
      return pattern[at++] == c;
  }
}

// Remembers the last '*' and the last '**' only: what lies before them is matched as short as possible, which
// never loses a match. So the work is at most pattern × text × text.
bool Match(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = kNone;
  size_t star_text = 0;
  size_t wide = kNone;
  size_t wide_text = 0;
  bool wide_by_segment = false;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern.substr(p).starts_with("**")) {
      p += 2;
      wide_by_segment = p < pattern.size() && pattern[p] == '/' && (p == 2 || pattern[p - 3] == '/');
      if (wide_by_segment) ++p;
      wide = p;
      wide_text = t;
      star = kNone;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size() && t < text.size()) {
      size_t next = p;
      if (MatchOne(pattern, next, text[t])) {
        p = next;
        ++t;
        continue;
      }
    }
    if (star != kNone && star_text < text.size() && text[star_text] != '/') {
      p = star;
      t = ++star_text;
    } else if (wide != kNone && wide_text < text.size()) {
      if (wide_by_segment) {
        const size_t slash = text.find('/', wide_text);
        if (slash == kNone) return false;
        wide_text = slash;
      }
      p = wide;
      t = ++wide_text;
      star = kNone;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

Glob::Glob(std::string pattern) : pattern_(std::move(pattern)), whole_path_(pattern_.find('/') != std::string::npos) {
  constexpr std::string_view kSpecial = "*?[\\";
  if (pattern_.find_first_of(kSpecial) == std::string::npos)
    form_ = Form::kLiteral;
  else if (!whole_path_ && pattern_.starts_with('*') && pattern_.find_first_of(kSpecial, 1) == std::string::npos)
    form_ = Form::kSuffix;
  else
    form_ = Form::kGeneral;
}

bool Glob::Matches(std::string_view path) const {
  if (!whole_path_) {
    const size_t slash = path.rfind('/');
    if (slash != kNone) path.remove_prefix(slash + 1);
  }
  switch (form_) {
    case Form::kLiteral:
      return path == pattern_;
    case Form::kSuffix:
      return path.ends_with(std::string_view(pattern_).substr(1));
    case Form::kGeneral:
      return Match(pattern_, path);
  }
  return false;
}

size_t FirstMatch(const std::vector<Glob>& globs, std::string_view path) {
  size_t i = 0;
  while (i < globs.size() && !globs[i].Matches(path)) ++i;
  return i;
}

}  // namespace seshat::migration
