#include "core/query_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/query_limits.h"
#include "core/query_scanner.h"
#include "core/text_fold.h"
#include "core/text_match.h"
#include "core/utf8.h"

namespace seshat {
namespace {

using Parsed = std::expected<Query, QuerySyntaxError>;

constexpr int kMaxSlop = 1000;
constexpr int kMaxEdits = 2;
constexpr double kMaxBoost = 1000;

struct Comparison {
  std::string_view sign;
  CompareOp op;
};
// Longer signs first.
constexpr Comparison kComparisons[] = {{">=", CompareOp::kGreaterOrEqual},
                                       {"<=", CompareOp::kLessOrEqual},
                                       {">", CompareOp::kGreater},
                                       {"<", CompareOp::kLess},
                                       {"=", CompareOp::kEqual}};

Query Make(auto node) { return Query{std::move(node)}; }

class Parser {
 public:
  explicit Parser(std::string_view text) : in_(text), text_(text) {}

  Parsed Parse() {
    if (text_.size() > kMaxQueryBytes)
      return Wrong(kMaxQueryBytes, fmt::format("a query of at most {} bytes", kMaxQueryBytes),
                   "Search in two steps.");
    in_.SkipBlanks();
    if (in_.AtEnd()) return Make(MatchAll{});
    auto query = ParseOr();
    if (!query) return query;
    if (!in_.AtEnd()) return Wrong(in_.position(), "an operator or the end", "Remove the ')' or add a '('.");
    if (const auto ok = CheckQuery(*query); !ok)
      return std::unexpected(QuerySyntaxError{0, "a smaller query", ok.error().message, ""});
    return query;
  }

 private:
  std::unexpected<QuerySyntaxError> Wrong(size_t position, std::string expected, std::string fix) {
    std::string found = "the end of the query";
    if (position < text_.size()) {
      constexpr size_t kLongest = 24;
      const auto point = DecodeUtf8(text_.substr(position));
      size_t end = position + (point ? point->bytes : 1);
      while (end < text_.size() && end < position + kLongest && !IsQueryBlank(text_[end]) &&
             std::string_view("()[]{}").find(text_[position]) == std::string_view::npos &&
             std::string_view("()[]{}:").find(text_[end]) == std::string_view::npos)
        ++end;
      found = fmt::format("'{}'", EscapeForTerminal(text_.substr(position, end - position)));
    }
    return std::unexpected(QuerySyntaxError{position, std::move(expected), found, std::move(fix)});
  }

  // One level of brackets or negation.
  class Level {
   public:
    explicit Level(size_t& depth) : depth_(depth) { ++depth_; }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    size_t& depth_;
  };

  bool AtOr() const { return in_.IsKeyword("or") || in_.StartsWith("||"); }
  bool AtAnd() const { return in_.IsKeyword("and") || in_.StartsWith("&&"); }

  Parsed ParseOr() {
    std::vector<Query> clauses;
    while (true) {
      auto clause = ParseAnd();
      if (!clause) return clause;
      clauses.push_back(std::move(*clause));
      in_.SkipBlanks();
      if (!AtOr()) break;
      in_.Return(in_.position() + 2);
    }
    if (clauses.size() == 1) return std::move(clauses[0]);
    return Make(AnyOf{std::move(clauses)});
  }

  Parsed ParseAnd() {
    std::vector<Query> clauses;
    while (true) {
      auto clause = ParseNot();
      if (!clause) return clause;
      clauses.push_back(std::move(*clause));
      in_.SkipBlanks();
      if (AtAnd()) {
        in_.Return(in_.position() + (in_.Peek() == '&' ? 2 : 3));
        continue;
      }
      if (in_.AtEnd() || in_.Peek() == ')' || AtOr()) break;
    }
    if (clauses.size() == 1) return std::move(clauses[0]);
    return Make(AllOf{std::move(clauses)});
  }

  Parsed ParseNot() {
    in_.SkipBlanks();
    while (in_.Skip("+")) in_.SkipBlanks();
    const bool keyword = in_.IsKeyword("not");
    if (!keyword && in_.Peek() != '-' && (in_.Peek() != '!' || in_.Peek(1) == '=')) return ParsePrimary();
    const Level level(depth_);
    if (depth_ > kMaxQueryDepth) return TooDeep();
    in_.Return(in_.position() + (keyword ? 3 : 1));
    auto clause = ParseNot();
    if (!clause) return clause;
    return Negate(std::move(*clause));
  }

  static Query Negate(Query clause) {
    Not negation;
    negation.clause.push_back(std::move(clause));
    return Make(std::move(negation));
  }

  std::unexpected<QuerySyntaxError> TooDeep() {
    return Wrong(in_.position(), fmt::format("at most {} levels of brackets and negations", kMaxQueryDepth),
                 "Search in two steps.");
  }

  Parsed ParsePrimary() {
    if (++primaries_ > kMaxQueryClauses)
      return Wrong(in_.position(), fmt::format("at most {} clauses", kMaxQueryClauses), "Split the query.");
    auto query = ParseUnboosted();
    if (!query) return query;
    return Boosted(std::move(*query));
  }

  Parsed Boosted(Query query) {
    const size_t begin = in_.position();
    if (in_.Peek() != '^') return query;
    const auto boost = in_.ReadBoost();
    if (!boost || !(*boost > 0 && *boost <= kMaxBoost))
      return Wrong(begin, "a number above 0 and at most 1000 after '^'", "Write for example rig:a^2.");
    query.boost *= *boost;
    return query;
  }

  Parsed ParseUnboosted() {
    const size_t begin = in_.position();
    if (in_.Peek() == '(') return ParseBrackets();
    if (in_.Skip("*:*")) {
      if (in_.AtBoundary() || in_.Peek() == '^') return Make(MatchAll{});
      in_.Return(begin);
    }
    if (field_ && AtComparison()) return ParseComparison(*field_, false);
    if (field_ && (in_.Peek() == '[' || in_.Peek() == '{')) return ParseRange(*field_);
    if (auto regex = in_.ReadRegex()) return MakeRegex(begin, field_, std::move(*regex));
    if (in_.Peek() == '"') return ParseQuotedClause();
    if (AtAnd() || AtOr() || in_.IsKeyword("to"))
      return Wrong(begin, "a clause", "To search for the word itself, put it in quotes.");
    const auto word = in_.ReadWord(WordPlace::kClause);
    if (in_.position() == begin)
      return Wrong(begin, "a word, a \"phrase\" or field:value",
                   begin < text_.size() ? "Put special characters in quotes."
                                        : "Add a clause or remove the operator.");
    if (AtFieldSign()) {
      if (word.wildcard)
        return Wrong(begin, "a field name without '*' and '?'",
                     "Leave the field out to search everywhere, or write \\* for the character.");
      if (word.text == "_exists_" && !word.escaped) return ParseExists();
      return ParseFieldClause(word.text);
    }
    return MakeWord(word, field_);
  }

  Parsed ParseBrackets() {
    const size_t begin = in_.position();
    const Level level(depth_);
    if (depth_ > kMaxQueryDepth) return TooDeep();
    in_.Skip("(");
    auto query = ParseOr();
    if (!query) return query;
    if (!in_.Skip(")"))
      return Wrong(in_.position(), fmt::format("a ')' for the '(' in column {}", begin + 1), "Add the ')'.");
    return query;
  }

  bool AtComparison() const {
    return in_.Peek() == '<' || in_.Peek() == '>' || in_.Peek() == '=' || in_.StartsWith("!=");
  }
  // A ':' or a comparison follows, blanks or not; goes there.
  bool AtFieldSign() {
    const size_t begin = in_.position();
    in_.SkipBlanks();
    if (in_.Peek() == ':' || AtComparison()) return true;
    in_.Return(begin);
    return false;
  }

  Parsed ParseQuotedClause() {
    const size_t begin = in_.position();
    auto quoted = in_.ReadQuoted();
    if (!quoted) return Wrong(text_.size(), "a closing '\"'", "Add it at the end of the phrase.");
    if (AtFieldSign()) {
      if (quoted->empty()) return Wrong(begin, "a field name", "Write field:value.");
      return ParseFieldClause(*quoted);
    }
    return MakePhrase(begin, std::move(*quoted), field_);
  }

  Parsed ParseExists() {
    in_.Skip(":");
    in_.SkipBlanks();
    const size_t begin = in_.position();
    std::string field;
    if (in_.Peek() == '"') {
      auto quoted = in_.ReadQuoted();
      if (!quoted) return Wrong(text_.size(), "a closing '\"'", "Add it at the end of the name.");
      field = std::move(*quoted);
    } else {
      field = in_.ReadWord(WordPlace::kValue).text;
    }
    if (field.empty()) return Wrong(begin, "a field name after _exists_:", "Write for example _exists_:rig.");
    return Make(Exists{std::move(field)});
  }

  Parsed ParseFieldClause(const std::string& field) {
    if (!in_.Skip(":")) return ParseComparison(field, false);
    in_.SkipBlanks();
    if (AtComparison()) return ParseComparison(field, true);
    if (in_.Peek() == '[' || in_.Peek() == '{') return ParseRange(field);
    if (in_.Peek() == '(') {
      auto outer = std::exchange(field_, field);
      auto query = ParseBrackets();
      field_ = std::move(outer);
      return query;
    }
    return ParseValues(field);
  }

  // One value, or several barewords: any of them.
  Parsed ParseValues(const std::string& field) {
    auto first = ParseValue(field);
    if (!first) return first;
    std::vector<Query> values;
    values.push_back(std::move(*first));
    while (AtListWord()) {
      if (++primaries_ > kMaxQueryClauses)
        return Wrong(in_.position(), fmt::format("at most {} clauses", kMaxQueryClauses), "Split the query.");
      auto next = ParseValue(field);
      if (!next) return next;
      values.push_back(std::move(*next));
    }
    if (values.size() == 1) return std::move(values[0]);
    return Make(AnyOf{std::move(values)});
  }

  // Another bareword follows that is neither an operator nor the field of the next clause; goes there.
  bool AtListWord() {
    const size_t begin = in_.position();
    in_.SkipBlanks();
    const size_t start = in_.position();
    const bool blank = start > begin;
    bool word = blank && !in_.AtEnd() &&
                std::string_view("()\"/[{<>=!+-:").find(in_.Peek()) == std::string_view::npos && !AtAnd() &&
                !AtOr() && !in_.IsKeyword("not") && !in_.IsKeyword("to");
    if (word) {
      in_.ReadWord(WordPlace::kClause);
      word = !AtFieldSign();
      in_.Return(start);
    }
    if (!word) in_.Return(begin);
    return word;
  }

  Parsed ParseValue(const std::string& field) {
    const size_t begin = in_.position();
    auto value = [&]() -> Parsed {
      if (auto regex = in_.ReadRegex()) return MakeRegex(begin, field, std::move(*regex));
      if (in_.Peek() == '"') {
        auto quoted = in_.ReadQuoted();
        if (!quoted) return Wrong(text_.size(), "a closing '\"'", "Add it at the end of the value.");
        return MakePhrase(begin, std::move(*quoted), field);
      }
      if (AtKeyword()) return NoValue(begin);
      const auto word = in_.ReadWord(WordPlace::kValue);
      if (in_.position() == begin) return NoValue(begin);
      return MakeWord(word, field);
    }();
    if (!value) return value;
    return Boosted(std::move(*value));
  }

  bool AtKeyword() const { return AtAnd() || AtOr() || in_.IsKeyword("not") || in_.IsKeyword("to"); }

  std::unexpected<QuerySyntaxError> NoValue(size_t position) {
    return Wrong(position, "a value", "Write field:value, or field:* for sessions that have the field.");
  }

  Parsed MakeRegex(size_t begin, std::optional<std::string> field, std::string pattern) {
    Text text{std::move(field), TextMatch::kRegex, std::move(pattern)};
    if (const auto ok = TextMatcher::Make(text); !ok)
      return Wrong(begin, fmt::format("a regular expression ({})", ok.error().message),
                   "A path is a literal in quotes.");
    return Make(std::move(text));
  }

  Parsed MakePhrase(size_t begin, std::string phrase, std::optional<std::string> field) {
    int slop = -1;
    if (const auto tilde = in_.ReadTilde()) {
      slop = *tilde;
      if (slop < 0 || slop > kMaxSlop)
        return Wrong(begin, "a number up to 1000 after '~'", "Write for example \"two words\"~3.");
    }
    if (!Words(phrase).empty())
      return Make(Text{std::move(field), TextMatch::kPhrase, std::move(phrase), slop});
    return WithoutWords(begin, phrase, std::move(field));
  }

  // Nothing that an index of words could hold: the whole value, or an error.
  Parsed WithoutWords(size_t begin, const std::string& text, std::optional<std::string> field) {
    if (field) return Make(Compare{std::move(*field), CompareOp::kEqual, TypeValue(text)});
    return Wrong(begin, "something with a letter or a digit",
                 "Only words are found without a field; write field = \"…\" for a value of signs.");
  }

  Parsed MakeWord(const QueryWord& word, std::optional<std::string> field) {
    if (const auto tilde = in_.ReadTilde()) {
      if (word.wildcard || *tilde > kMaxEdits)
        return Wrong(word.begin, "a word without '*' or '?' before '~', and at most 2 after it",
                     "Write for example batery~1.");
      if (Words(word.text).empty()) return WithoutWords(word.begin, word.text, std::nullopt);
      return Make(Text{std::move(field), TextMatch::kFuzzy, word.text, *tilde});
    }
    if (word.wildcard) return MakeWildcard(word, std::move(field));
    if (Words(word.text).empty()) return WithoutWords(word.begin, word.text, std::move(field));
    if (field && !word.escaped) {
      auto value = TypeValue(word.text);
      if (value.number || value.date)
        return Make(Compare{std::move(*field), CompareOp::kEqual, std::move(value)});
    }
    return Make(Text{std::move(field), TextMatch::kWord, word.text});
  }

  static Parsed MakeWildcard(const QueryWord& word, std::optional<std::string> field) {
    if (word.pattern.find_first_not_of('*') != std::string::npos)
      return Make(Text{std::move(field), TextMatch::kWildcard, word.pattern});
    if (field) return Make(Exists{std::move(*field)});
    return Make(MatchAll{});
  }

  Parsed ParseComparison(const std::string& field, bool after_colon) {
    if (in_.Skip("!=")) {
      auto equal = ParseEqual(field);
      if (!equal) return equal;
      return Negate(std::move(*equal));
    }
    const auto* found =
        std::ranges::find_if(kComparisons, [&](const auto& c) { return in_.StartsWith(c.sign); });
    in_.Skip(found->sign);
    if (found->op != CompareOp::kEqual) return ParseOrdering(field, *found);
    if (after_colon && in_.Peek() == '"') {
      auto quoted = in_.ReadQuoted();
      if (!quoted) return Wrong(text_.size(), "a closing '\"'", "Add it at the end of the value.");
      return Make(Compare{field, CompareOp::kExactly, TypeValue(*quoted)});
    }
    return ParseEqual(field);
  }

  Parsed ParseEqual(const std::string& field) {
    in_.SkipBlanks();
    const size_t begin = in_.position();
    if (auto regex = in_.ReadRegex()) return MakeRegex(begin, field, std::move(*regex));
    if (in_.Peek() == '"') {
      auto quoted = in_.ReadQuoted();
      if (!quoted) return Wrong(text_.size(), "a closing '\"'", "Add it at the end of the value.");
      return Make(Compare{field, CompareOp::kEqual, TypeValue(*quoted)});
    }
    if (AtKeyword()) return NoValue(begin);
    const auto word = in_.ReadWord(WordPlace::kValue);
    if (in_.position() == begin) return NoValue(begin);
    if (word.wildcard) return MakeWildcard(word, field);
    return Make(Compare{field, CompareOp::kEqual, TypeValue(word.text)});
  }

  Parsed ParseOrdering(const std::string& field, const Comparison& comparison) {
    in_.SkipBlanks();
    const size_t begin = in_.position();
    auto value = ReadLiteral(WordPlace::kValue);
    if (!value) return std::unexpected(std::move(value).error());
    if (!value->number && !value->date)
      return Wrong(begin, fmt::format("a number or a date after '{}'", comparison.sign),
                   fmt::format("Write for example {} {} 60, or {} = \"…\" for a text.", field,
                               comparison.sign, field));
    return Make(Compare{field, comparison.op, std::move(*value)});
  }

  std::expected<MetadataValue, QuerySyntaxError> ReadLiteral(WordPlace place) {
    const size_t begin = in_.position();
    if (in_.Peek() == '"') {
      auto quoted = in_.ReadQuoted();
      if (!quoted) return Wrong(text_.size(), "a closing '\"'", "Add it at the end of the value.");
      return TypeValue(*quoted);
    }
    const auto word = in_.ReadWord(place);
    if (in_.position() == begin) return NoValue(begin);
    return TypeValue(word.text);
  }

  Parsed ParseRange(const std::string& field) {
    Range range;
    range.field = field;
    const bool low_inclusive = in_.Peek() == '[';
    in_.Return(in_.position() + 1);
    if (auto wrong = ReadBound(low_inclusive, range.low)) return std::unexpected(std::move(*wrong));
    in_.SkipBlanks();
    if (!in_.IsKeyword("to"))
      return Wrong(in_.position(), "TO between the bounds of a range",
                   "Write for example duration_s:[60 TO 90]; put a value with brackets in quotes.");
    in_.Return(in_.position() + 2);
    if (auto wrong = ReadBound(true, range.high)) return std::unexpected(std::move(*wrong));
    in_.SkipBlanks();
    if (in_.Peek() != ']' && in_.Peek() != '}')
      return Wrong(in_.position(), "']' or '}' at the end of the range", "Close the range.");
    if (range.high) range.high->inclusive = in_.Peek() == ']';
    in_.Return(in_.position() + 1);
    if (!range.low && !range.high) return Make(Exists{field});
    return Make(std::move(range));
  }

  // '*' leaves the bound open.
  std::optional<QuerySyntaxError> ReadBound(bool inclusive, std::optional<Bound>& bound) {
    in_.SkipBlanks();
    const size_t begin = in_.position();
    if (in_.Peek() == '*' && (in_.AtBoundary(1) || in_.Peek(1) == ']' || in_.Peek(1) == '}')) {
      in_.Return(begin + 1);
      return std::nullopt;
    }
    auto value = ReadLiteral(WordPlace::kBound);
    if (!value) return std::move(value).error();
    if (!value->number && !value->date)
      return Wrong(begin, "a number, a date or * as the bound of a range", "Texts have no order here.")
          .error();
    bound = Bound{std::move(*value), inclusive};
    return std::nullopt;
  }

  QueryScanner in_;
  std::string_view text_;
  std::optional<std::string> field_;  // inside field:(…)
  size_t depth_ = 1;
  size_t primaries_ = 0;
};

}  // namespace

std::string QuerySyntaxError::Message(std::string_view text) const {
  size_t column = 1;
  for (size_t i = 0; i < std::min(position, text.size()); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) ++column;
  auto message = fmt::format("column {}: expected {}, found {}", column, expected, found);
  if (!fix.empty()) message += ". " + fix;
  return message;
}

Error QuerySyntaxError::ToError(std::string_view text) const {
  return {ErrorCode::kInvalidArgument, "the query is not understood: " + Message(text)};
}

std::expected<Query, QuerySyntaxError> ParseQuery(std::string_view text) { return Parser(text).Parse(); }

}  // namespace seshat
