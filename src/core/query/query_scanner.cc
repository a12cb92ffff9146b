#include "core/query/query_scanner.h"

#include <algorithm>
#include <charconv>

#include "core/metadata/metadata.h"

namespace seshat::query {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, Lower);
}

}  // namespace

bool IsQueryBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsQueryKeyword(std::string_view word) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"and", "or", "not", "to"},
                             [&](std::string_view known) { return EqualsIgnoringCase(word, known); });
}

bool QueryScanner::AtBoundary(size_t ahead) const {
  if (at_ + ahead >= text_.size()) return true;
  const char c = text_[at_ + ahead];
  return IsQueryBlank(c) || c == '(' || c == ')' || c == '"';
}

void QueryScanner::SkipBlanks() {
  while (!AtEnd() && IsQueryBlank(text_[at_])) ++at_;
}

bool QueryScanner::Skip(std::string_view token) {
  if (!StartsWith(token)) return false;
  at_ += token.size();
  return true;
}

bool QueryScanner::IsKeyword(std::string_view lower) const {
  return EqualsIgnoringCase(text_.substr(at_, lower.size()), lower) && AtBoundary(lower.size());
}

// `address`: the word went past "://", and colons are part of it from there on.
bool QueryScanner::EndsWord(WordPlace place, bool address) const {
  if (AtBoundary() || StartsWith("&&") || StartsWith("||")) return true;
  const char c = text_[at_];
  if (place == WordPlace::kBound) return c == ']' || c == '}';
  if (place == WordPlace::kValue || address) return false;
  return c == ':' || c == '=' || c == '<' || c == '>' || StartsWith("!=") || StartsWith("≤") || StartsWith("≥") ||
         StartsWith("≠");
}

QueryWord QueryScanner::ReadWord(WordPlace place) {
  QueryWord word;
  word.begin = at_;
  bool address = false;
  while (true) {
    if (place == WordPlace::kClause && !address && at_ > word.begin && StartsWith("://")) address = true;
    if (EndsWord(place, address)) {
      // "2026-11-23||+1d"
      if (place == WordPlace::kClause || !StartsWith("||") ||
          std::string_view("+-/").find(Peek(2)) == std::string_view::npos || !metadata::TypeValue(word.text).date)
        break;
      word.text += "||";
      at_ += 2;
      continue;
    }
    // A suffix belongs to the parser; anywhere else '^' and '~' are letters.
    if (at_ > word.begin && (Peek() == '^' || Peek() == '~')) {
      const size_t here = at_;
      const bool suffix = ReadTilde() || ReadBoost();
      at_ = here;
      if (suffix) break;
    }
    const char c = text_[at_++];
    if (c == '\\' && !AtEnd()) {
      const char next = text_[at_++];
      word.escaped = true;
      word.text += next;
      if (next == '*' || next == '?' || next == '\\') word.pattern += '\\';
      word.pattern += next;
      continue;
    }
    word.wildcard |= c == '*' || c == '?';
    word.text += c;
    if (c == '\\') word.pattern += '\\';
    word.pattern += c;
  }
  return word;
}

std::optional<std::string> QueryScanner::ReadQuoted() {
  std::string out;
  for (size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '"') {
      at_ = i + 1;
      return out;
    }
    if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
    out += text_[i];
  }
  return std::nullopt;
}

std::optional<std::string> QueryScanner::ReadRegex() {
  if (Peek() != '/') return std::nullopt;
  const size_t begin = at_;
  std::string out;
  for (size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\' && i + 1 < text_.size()) {
      // "\/" is a slash; every other escape is the expression's own.
      if (text_[++i] != '/') out += '\\';
      out += text_[i];
      continue;
    }
    if (text_[i] == '/' && !out.empty()) {
      at_ = i + 1;
      const size_t end = at_;
      const bool closes = AtBoundary() || ReadBoost().has_value();
      at_ = end;
      if (closes) return out;
    }
    out += text_[i];
  }
  at_ = begin;
  return std::nullopt;
}

std::optional<double> QueryScanner::ReadBoost() {
  if (Peek() != '^' || (!IsDigit(Peek(1)) && Peek(1) != '.')) return std::nullopt;
  double value = 0;
  const char* end = text_.data() + text_.size();
  const auto [stop, error] = std::from_chars(text_.data() + at_ + 1, end, value);
  if (error != std::errc{}) return std::nullopt;
  const auto length = static_cast<size_t>(stop - (text_.data() + at_));
  if (!AtBoundary(length)) return std::nullopt;
  at_ += length;
  return value;
}

std::optional<int> QueryScanner::ReadTilde() {
  if (Peek() != '~') return std::nullopt;
  const size_t begin = at_++;
  int value = -1;
  for (int digits = 0; IsDigit(Peek()) && digits < 4; ++digits) value = std::max(value, 0) * 10 + (text_[at_++] - '0');
  const size_t end = at_;
  const bool closes = AtBoundary() || ReadBoost().has_value();
  at_ = closes ? end : begin;
  if (!closes) return std::nullopt;
  return value;
}

}  // namespace seshat::query
