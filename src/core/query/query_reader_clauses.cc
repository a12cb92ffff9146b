#include <fmt/format.h>

#include <utility>

#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"
#include "core/query/query_habits.h"
#include "core/query/query_hints.h"
#include "core/query/query_limits.h"
#include "core/query/query_parser.h"
#include "core/query/query_reader.h"
#include "core/query/text_match.h"

namespace seshat::query {
namespace {

constexpr int kMaxSlop = 1000;
constexpr int kMaxEdits = 2;

}  // namespace

bool QueryReader::AtComparison() const {
  for (const std::string_view sign : {"<", ">", "=", "!=", "≤", "≥", "≠"})
    if (in_.StartsWith(sign)) return true;
  return false;
}

// A ':' or a comparison follows, blanks or not; goes there.
bool QueryReader::AtFieldSign() {
  const size_t begin = in_.position();
  in_.SkipBlanks();
  if (in_.Peek() == ':' || AtComparison()) return true;
  in_.Return(begin);
  return false;
}

QueryReader::Wrong QueryReader::NoValue(size_t position) const {
  if (position < text_.size() && (text_[position] == '<' || text_[position] == '>' || text_[position] == '='))
    return Fail(position, "a value", "The signs are = != < <= > >=.");
  if (position < text_.size() && text_[position] == '(')
    return Fail(position, "a value", "For one of several values write field:(a or b).");
  return Fail(position, "a value", "Write field:value, or field:* for sessions that have the field.");
}

// "rig:-bench": nobody means the value "-bench".
std::optional<QuerySyntaxError> QueryReader::SignedValue(const QueryWord& word, const std::string& field) const {
  if (word.escaped || word.text.size() < 2 || (word.text[0] != '-' && word.text[0] != '!')) return std::nullopt;
  const auto rest = std::string_view(word.text).substr(1);
  if (metadata::Words(rest).empty() || metadata::TypeValue(word.text).number || LooksLikeDateMath(rest))
    return std::nullopt;
  return Fail(word.begin, "a value",
              fmt::format("Write not {}:{} to exclude it; a value that starts with '{}' stands in quotes.",
                          PrintField(field), EscapeForTerminal(rest), word.text[0]))
      .error();
}

QueryReader::Parsed QueryReader::ReadWordClause() {
  const size_t begin = in_.position();
  if (AtAnd() || AtOr())
    return Fail(begin, "a clause", "Remove the operator; to search for the word itself, put it in quotes.");
  if (in_.IsKeyword("to"))
    return Fail(begin, "a clause", "A range stands in [ ]: temp:[5 TO 10]; the word itself is \"to\", in quotes.");
  const auto word = in_.ReadWord(WordPlace::kClause);
  if (in_.position() == begin)
    return Fail(begin, "a word, a \"phrase\" or field:value", HintForClause(text_.substr(begin)));
  const size_t end = in_.position();
  if (!AtFieldSign()) {
    if (!word.escaped && !word.wildcard)
      if (auto wrong = ForeignForm(begin, word.text)) return Wrong(std::move(*wrong));
    auto query = MakeWord(word, field_);
    const size_t here = in_.position();
    in_.SkipBlanks();
    // "temp |": perhaps a field, and its operator comes next.
    if (query && here == end && in_.position() > here && !word.wildcard && !field_)
      Expect({.operators = true, .field = word.text});
    in_.Return(here);
    return query;
  }
  if (word.wildcard)
    return Fail(begin, "a field name without '*' and '?'",
                "Leave the field out to search everywhere, or write \\* for the character.");
  if (word.text == "_exists_" && !word.escaped) return ReadExists();
  return ReadFieldClause(word.text);
}

QueryReader::Parsed QueryReader::ReadQuotedClause() {
  const size_t begin = in_.position();
  auto quoted = in_.ReadQuoted();
  if (!quoted) return OpenQuote("phrase");
  if (AtFieldSign()) {
    if (quoted->empty()) return Fail(begin, "a field name", "Write field:value.");
    return ReadFieldClause(*quoted);
  }
  if (auto wrong = ForeignForm(begin, *quoted)) return Wrong(std::move(*wrong));
  return MakePhrase(begin, std::move(*quoted), field_);
}

// Behind a word or a phrase that started at `begin`.
std::optional<QuerySyntaxError> QueryReader::ForeignForm(size_t begin, const std::string& name) const {
  if (field_) return std::nullopt;
  const auto form = FindForeignForm(text_.substr(begin), in_.position() - begin, name);
  if (!form) return std::nullopt;
  return Fail(begin + form->position, "a clause", form->instead).error();
}

QueryReader::Parsed QueryReader::ReadExists() {
  in_.Skip(":");
  in_.SkipBlanks();
  Expect({.fields = true, .field_signs = false}, WordPlace::kValue);
  const size_t begin = in_.position();
  std::string field;
  if (in_.Peek() == '"') {
    auto quoted = in_.ReadQuoted();
    if (!quoted) return OpenQuote("name");
    field = std::move(*quoted);
  } else {
    field = in_.ReadWord(WordPlace::kValue).text;
  }
  if (field.empty()) return Fail(begin, "a field name after _exists_:", "Write for example _exists_:rig.");
  return MakeQuery(Exists{std::move(field)});
}

QueryReader::Parsed QueryReader::ReadFieldClause(const std::string& field) {
  if (!in_.Skip(":")) return ReadComparison(field, false);
  in_.SkipBlanks();
  if (AtComparison()) return ReadComparison(field, true);
  if (in_.Peek() == '[' || in_.Peek() == '{') return ReadRange(field);
  if (in_.Peek() == '(') {
    auto outer = std::exchange(field_, field);
    auto query = ReadBrackets();
    field_ = std::move(outer);
    return query;
  }
  return ReadValues(field);
}

// One value, or several barewords: any of them.
QueryReader::Parsed QueryReader::ReadValues(const std::string& field) {
  auto first = ReadValue(field);
  if (!first) return first;
  std::vector<Query> values;
  values.push_back(std::move(*first));
  while (AtListWord()) {
    if (const auto hint = HintForListSign(text_.substr(in_.position())); !hint.empty())
      return Fail(in_.position(), "another value, or the next clause", hint);
    if (++primaries_ > kMaxQueryClauses) return TooManyClauses();
    auto next = ReadValue(field);
    if (!next) return next;
    values.push_back(std::move(*next));
  }
  if (values.size() == 1) return std::move(values[0]);
  return MakeQuery(AnyOf{std::move(values)});
}

// Another bareword follows that is neither an operator nor the field of the next clause; goes there.
bool QueryReader::AtListWord() {
  const size_t begin = in_.position();
  in_.SkipBlanks();
  const size_t start = in_.position();
  const bool blank = start > begin;
  bool word = blank && !in_.AtEnd() && std::string_view("()\"/[{<>=!+-:").find(in_.Peek()) == std::string_view::npos &&
              !AtComparison() && !AtKeyword();
  if (word) {
    in_.ReadWord(WordPlace::kClause);
    word = !AtFieldSign();
    in_.Return(start);
  }
  if (word) Expect({.fields = true, .negation = true, .junctions = true});  // it may become one of these
  if (!word) in_.Return(begin);
  return word;
}

QueryReader::Parsed QueryReader::ReadValue(const std::string& field) {
  const size_t begin = in_.position();
  ExpectValueOf(field);
  auto value = [&]() -> Parsed {
    if (auto regex = in_.ReadRegex()) return MakeRegex(begin, field, std::move(*regex));
    if (in_.Peek() == '"') {
      auto quoted = in_.ReadQuoted();
      if (!quoted) return OpenQuote("value");
      return MakePhrase(begin, std::move(*quoted), field);
    }
    if (AtKeyword()) return NoValue(begin);
    if (in_.Peek() == ':') return Fail(begin, "a value", "Write one ':' between field and value.");
    const auto word = in_.ReadWord(WordPlace::kValue);
    if (in_.position() == begin) return NoValue(begin);
    if (auto wrong = SignedValue(word, field)) return Wrong(std::move(*wrong));
    return MakeWord(word, field);
  }();
  if (!value) return value;
  return Boosted(std::move(*value));
}

QueryReader::Parsed QueryReader::MakeRegex(size_t begin, std::optional<std::string> field, std::string pattern) {
  Text text{std::move(field), TextMatch::kRegex, std::move(pattern)};
  if (const auto ok = TextMatcher::Make(text); !ok)
    return Fail(begin, fmt::format("a regular expression ({})", ok.error().message), "A path is a literal in quotes.");
  return MakeQuery(std::move(text));
}

QueryReader::Parsed QueryReader::MakePhrase(size_t begin, std::string phrase, std::optional<std::string> field) {
  int slop = -1;
  if (const auto tilde = in_.ReadTilde()) {
    slop = *tilde;
    if (slop < 0 || slop > kMaxSlop)
      return Fail(begin, "a number up to 1000 after '~'", "Write for example \"two words\"~3.");
  } else if (in_.Peek() == '~') {
    return Fail(in_.position(), "a number up to 1000 after '~'", "Write for example \"two words\"~3.");
  }
  if (!metadata::Words(phrase).empty())
    return MakeQuery(Text{std::move(field), TextMatch::kPhrase, std::move(phrase), slop});
  return WithoutWords(begin, phrase, std::move(field));
}

// Nothing that an index of words could hold: the whole value, or an error.
QueryReader::Parsed QueryReader::WithoutWords(size_t begin, const std::string& text, std::optional<std::string> field) {
  if (field) return MakeQuery(Compare{std::move(*field), CompareOp::kEqual, metadata::TypeValue(text)});
  std::string fix = "Only words are found without a field; write field = \"…\" for a value of signs.";
  if (auto hint = HintForListSign(text); !hint.empty()) fix = std::move(hint);
  if (text == "~") fix = "Write word~ for a word with slips, field:/…/ for a regular expression.";
  return Fail(begin, "something with a letter or a digit", std::move(fix));
}

QueryReader::Parsed QueryReader::MakeWord(const QueryWord& word, std::optional<std::string> field) {
  if (const auto tilde = in_.ReadTilde()) {
    if (word.wildcard || *tilde > kMaxEdits)
      return Fail(word.begin, "a word without '*' or '?' before '~', and at most 2 after it",
                  "Write for example batery~1.");
    if (metadata::Words(word.text).empty()) return WithoutWords(word.begin, word.text, std::nullopt);
    return MakeQuery(Text{std::move(field), TextMatch::kFuzzy, word.text, *tilde});
  }
  if (!word.escaped && !word.wildcard)
    if (auto hint = HintForQuotes(word.text); !hint.empty())
      return Fail(word.begin, field ? "a value" : "a word, a \"phrase\" or field:value", std::move(hint));
  if (word.wildcard) return MakeWildcard(word, std::move(field));
  if (metadata::Words(word.text).empty()) return WithoutWords(word.begin, word.text, std::move(field));
  if (field && !word.escaped) {
    if (LooksLikeDateMath(word.text)) {
      auto date = ResolveDate(word.begin, word.text);
      if (!date) return Wrong(std::move(date).error());
      return MakeEqual(*field, std::move(*date));
    }
    auto value = metadata::TypeValue(word.text);
    TakeTimeOfDay(value);
    if (value.number || value.date) return MakeQuery(Compare{std::move(*field), CompareOp::kEqual, std::move(value)});
  }
  return MakeQuery(Text{std::move(field), TextMatch::kWord, word.text});
}

QueryReader::Parsed QueryReader::MakeWildcard(const QueryWord& word, std::optional<std::string> field) {
  if (word.pattern.find_first_not_of('*') != std::string::npos)
    return MakeQuery(Text{std::move(field), TextMatch::kWildcard, word.pattern});
  if (field) return MakeQuery(Exists{std::move(*field)});
  return MakeQuery(MatchAll{});
}

}  // namespace seshat::query
