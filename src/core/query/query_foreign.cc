#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/utf8.h"
#include "core/query/query_habits.h"
#include "core/query/query_parser.h"
#include "core/query/query_scanner.h"

namespace seshat::query {
namespace {

constexpr std::string_view kOrTheWord = " To search for the word itself, put it in quotes.";

// Words, signs and quoted texts one after the other, as SQL has them.
class Tokens {
 public:
  Tokens(std::string_view text, size_t at) : text_(text), at_(at) { SkipBlanks(); }

  size_t position() const { return at_; }
  bool at_end() const { return at_ >= text_.size(); }
  bool Take(std::string_view keyword) {
    QueryScanner scanner(text_);
    scanner.Return(at_);
    if (!scanner.IsKeyword(keyword)) return false;
    at_ += keyword.size();
    SkipBlanks();
    return true;
  }
  bool TakeSign(std::string_view signs) {
    if (at_end() || signs.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    SkipBlanks();
    return true;
  }
  // Without its quotes; empty where none is.
  std::string Value() {
    if (at_end()) return "";
    const char quote = text_[at_];
    const bool quoted = quote == '\'' || quote == '"';
    const size_t begin = at_ + (quoted ? 1 : 0);
    const size_t end = quoted ? text_.find(quote, begin) : text_.find_first_of(" \t\r\n,;()[]", begin);
    const size_t stop = std::min(end, text_.size());
    at_ = std::min(stop + (quoted ? 1 : 0), text_.size());
    SkipBlanks();
    was_quoted_ = quoted;
    return std::string(text_.substr(begin, stop - begin));
  }
  bool was_quoted() const { return was_quoted_; }

 private:
  void SkipBlanks() {
    while (!at_end() && IsQueryBlank(text_[at_])) ++at_;
  }

  std::string_view text_;
  size_t at_;
  bool was_quoted_ = false;
};

std::string InsteadOf(std::string_view negated, const std::string& clause) {
  return fmt::format("Write {}{}.{}", negated, EscapeForTerminal(clause), kOrTheWord);
}

bool HasOrder(const std::string& text) {
  const auto value = metadata::TypeValue(text);
  return value.number || value.date;
}

std::string FromList(Tokens& tokens, const std::string& field) {
  std::string all;
  while (!tokens.at_end() && !tokens.TakeSign(")]")) {
    if (tokens.TakeSign(",;([")) continue;
    const auto value = tokens.Value();
    all += (all.empty() ? "" : " OR ") + PrintValue(value);
  }
  return fmt::format("{}:({})", field, all.empty() ? "a OR b" : all);
}

// '%' is any text; '_' is too common in names to be any character.
std::string FromLike(Tokens& tokens, const std::string& field) {
  auto value = tokens.Value();
  const bool pattern = value.find_first_of("%*") != std::string::npos;
  if (value.empty() || (!pattern && !tokens.was_quoted())) return "";
  if (std::ranges::any_of(value, IsQueryBlank)) {
    std::erase(value, '%');
    return fmt::format("{}:\"{}\"", field, value);
  }
  std::ranges::replace(value, '%', '*');
  return fmt::format("{}:{}", field, value);
}

std::string ConditionAlone(std::string_view condition) {
  std::string text(condition);
  if (text.find('"') == std::string::npos) std::ranges::replace(text, '\'', '"');
  return fmt::format("Write the condition alone: {}", EscapeForTerminal(text));
}

// What stands behind the field: "IN (…)". Empty where it is something else.
std::string AfterField(Tokens& tokens, const std::string& field) {
  if (tokens.Take("in")) return tokens.TakeSign("([") ? FromList(tokens, field) : "";
  if (tokens.Take("like") || tokens.Take("ilike")) return FromLike(tokens, field);
  if (!tokens.Take("between")) return "";
  const auto low = tokens.Value();
  if (!tokens.Take("and")) return "";
  const auto high = tokens.Value();
  return HasOrder(low) && HasOrder(high) ? fmt::format("{}:[{} TO {}]", field, low, high) : "";
}

}  // namespace

std::optional<ForeignForm> FindForeignForm(std::string_view text, size_t word_end, std::string_view word) {
  Tokens tokens(text, word_end);
  const size_t position = tokens.position();
  const auto name = text.substr(0, word_end);
  const bool order = name == "ORDER" || name == "order" || name == "SORT" || name == "sort";
  if (order && tokens.Take("by") && !tokens.at_end()) {
    Tokens next = tokens;
    if (next.Take("and") || next.Take("or")) return std::nullopt;
    return ForeignForm{0, fmt::format("A query says which sessions, not in which order: leave it out, and sort by "
                                      "{} (--sort).{}",
                                      EscapeForTerminal(tokens.Value()), kOrTheWord)};
  }
  if (name == "LIMIT" && metadata::TypeValue(tokens.Value()).integer && tokens.at_end())
    return ForeignForm{0,
                       fmt::format("A query says which sessions, not how many: leave it out (--limit).{}", kOrTheWord)};
  const auto field = PrintField(word);
  if (tokens = Tokens(text, word_end); tokens.Take("is")) {
    const bool negated = tokens.Take("not");
    if (!tokens.Take("null")) return std::nullopt;
    return ForeignForm{position, InsteadOf(negated ? "" : "not ", field + ":*")};
  }
  const bool negated = tokens.Take("not");
  const auto clause = AfterField(tokens, field);
  if (clause.empty()) return std::nullopt;
  return ForeignForm{position, InsteadOf(negated ? "not " : "", clause)};
}

std::optional<ForeignForm> FindForeignStart(std::string_view text) {
  Tokens tokens(text, 0);
  if (tokens.Take("select")) {
    if (tokens.Take("and") || tokens.Take("or")) return std::nullopt;
    bool from = false;
    while (!tokens.at_end() && !tokens.Take("where")) {
      from |= tokens.Take("from");
      if (!tokens.TakeSign(",;()[]")) tokens.Value();
    }
    if (!from) return std::nullopt;
    return ForeignForm{0, tokens.at_end() ? "Write the condition alone; nothing finds all sessions."
                                          : ConditionAlone(text.substr(tokens.position()))};
  }
  if (!tokens.Take("where") || tokens.at_end()) return std::nullopt;
  const size_t rest = tokens.position();
  QueryScanner scanner(text);
  scanner.Return(rest);
  scanner.ReadWord(WordPlace::kClause);
  if (scanner.position() == rest) return std::nullopt;
  scanner.SkipBlanks();
  if (std::string_view(":=<>!").find(scanner.Peek()) == std::string_view::npos || scanner.AtEnd()) return std::nullopt;
  return ForeignForm{0, ConditionAlone(text.substr(rest))};
}

}  // namespace seshat::query
