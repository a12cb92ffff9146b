#include <fmt/format.h>

#include <algorithm>

#include "core/query/date_math.h"
#include "core/query/query_hints.h"
#include "core/query/query_parser.h"
#include "core/query/query_scanner.h"

namespace seshat::query {
namespace {

enum class Place { kClause, kValue };

bool StartsWithSign(std::string_view text) {
  return text.starts_with("≤") || text.starts_with("≥") || text.starts_with("≠");
}

// Whether a backslash is needed so that the character stays a letter of a word.
bool NeedsEscape(std::string_view text, size_t i, Place place) {
  const char c = text[i];
  if (IsQueryBlank(c)) return true;
  if (i == 0 && std::string_view("+-!/[{").find(c) != std::string_view::npos) return true;
  if (std::string_view("()\"\\*?~^&|").find(c) != std::string_view::npos) return true;
  if (place == Place::kValue)
    return i == 0 && (std::string_view("<>=:").find(c) != std::string_view::npos || StartsWithSign(text));
  return std::string_view(":<>=!").find(c) != std::string_view::npos || StartsWithSign(text.substr(i));
}

std::string Word(std::string_view text, Place place) {
  std::string out;
  if (IsQueryKeyword(text) || text == "_exists_" || !HintForQuotes(text).empty()) out += '\\';
  for (size_t i = 0; i < text.size(); ++i) {
    if (NeedsEscape(text, i, place)) out += '\\';
    out += text[i];
  }
  return out;
}

// As Word, but '*' and '?' stay, and the pattern's own escapes with them.
std::string Pattern(std::string_view text, Place place) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      out += text[i++];
    } else if (text[i] != '*' && text[i] != '?' && NeedsEscape(text, i, place)) {
      out += '\\';
    }
    out += text[i];
  }
  return out;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string Regex(std::string_view text) {
  std::string out = "/";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      out += text[i++];
    } else if (text[i] == '/') {
      out += '\\';
    }
    out += text[i];
  }
  return out + '/';
}

// A value after a comparison or in a range, without quotes where they change nothing.
std::string Literal(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.-+:").find(c) != std::string_view::npos;
  };
  if (text.empty() || !std::ranges::all_of(text, plain) || IsQueryKeyword(text) || LooksLikeDateMath(text) ||
      text.front() == ':' || (text.front() == '-' && !metadata::TypeValue(text).number))
    return Quoted(text);
  return std::string(text);
}

std::string_view Sign(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
      return "=";
    case CompareOp::kExactly:
      return ":=";
    case CompareOp::kLess:
      return "<";
    case CompareOp::kLessOrEqual:
      return "<=";
    case CompareOp::kGreater:
      return ">";
    case CompareOp::kGreaterOrEqual:
      return ">=";
  }
  return "=";
}

class Printer {
 public:
  // `inner`: a part of something larger, in brackets where it could fall apart.
  std::string Print(const Query& query, bool inner) const {
    const bool boosted = query.boost != 1.0;
    std::string text = std::visit(*this, query.node);
    if (Holds<AllOf>(query) || Holds<AnyOf>(query) ? inner || boosted : boosted && Holds<Not>(query))
      text = "(" + text + ")";
    if (boosted) text += fmt::format("^{}", query.boost);
    return text;
  }

  std::string operator()(const MatchAll&) const { return "*:*"; }
  std::string operator()(const AllOf& node) const { return Join(node.clauses, " AND ", "*:*"); }
  std::string operator()(const AnyOf& node) const { return Join(node.clauses, " OR ", "NOT *:*"); }
  std::string operator()(const Not& node) const { return "NOT " + Print(node.clause.at(0), true); }
  std::string operator()(const Compare& node) const {
    const auto field = Word(node.field, Place::kClause);
    if (node.op == CompareOp::kExactly) return field + ":=" + Quoted(node.value.text);
    return fmt::format("{} {} {}", field, Sign(node.op), Literal(node.value.text));
  }
  std::string operator()(const Range& node) const {
    // With quotes no bound takes the unit of the other.
    const auto bound = [](const std::optional<Bound>& b) {
      if (!b) return std::string("*");
      return b->value.unit.empty() ? Literal(b->value.text) : Quoted(b->value.text);
    };
    return fmt::format("{}:{}{} TO {}{}", Word(node.field, Place::kClause),
                       node.low && !node.low->inclusive ? '{' : '[', bound(node.low), bound(node.high),
                       node.high && !node.high->inclusive ? '}' : ']');
  }
  std::string operator()(const Exists& node) const { return "_exists_:" + Word(node.field, Place::kValue); }
  std::string operator()(const Text& node) const {
    const auto place = node.field ? Place::kValue : Place::kClause;
    auto field = node.field ? Word(*node.field, Place::kClause) + ":" : "";
    const auto suffix = node.distance >= 0 ? fmt::format("~{}", node.distance) : "";
    switch (node.match) {
      case TextMatch::kWord:
        return field + PlainWord(node.text, place);
      case TextMatch::kPhrase:
        return field + Quoted(node.text) + suffix;
      case TextMatch::kWildcard:
        return field + Pattern(node.text, place);
      case TextMatch::kFuzzy:
        return field + Word(node.text, place) + (suffix.empty() ? "~" : suffix);
      case TextMatch::kRegex:
        return field + Regex(node.text);
    }
    return field;
  }

 private:
  template <typename Node>
  static bool Holds(const Query& query) {
    return std::holds_alternative<Node>(query.node);
  }

  // The backslash tells the parser that "5" is meant as a word.
  static std::string PlainWord(std::string_view text, Place place) {
    auto word = Word(text, place);
    if (place == Place::kClause || word.find('\\') != std::string::npos) return word;
    const auto value = metadata::TypeValue(text);
    return value.number || value.date || LooksLikeDateMath(text) ? "\\" + word : word;
  }

  std::string Join(const std::vector<Query>& clauses, std::string_view separator, std::string_view none) const {
    if (clauses.empty()) return std::string(none);
    std::string out;
    for (const auto& clause : clauses) {
      if (!out.empty()) out += separator;
      out += Print(clause, true);
    }
    return out;
  }
};

}  // namespace

std::string PrintField(std::string_view name) {
  const auto word = Word(name, Place::kClause);
  return word == name && !name.empty() ? word : Quoted(name);
}

std::string PrintValue(std::string_view text) {
  const auto word = Word(text, Place::kValue);
  return word == text && !text.empty() ? word : Quoted(text);
}

std::string PrintQuery(const Query& query) { return Printer().Print(query, false); }

}  // namespace seshat::query
