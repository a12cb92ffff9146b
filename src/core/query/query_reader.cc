#include "core/query/query_reader.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/utf8.h"
#include "core/query/query_habits.h"
#include "core/query/query_limits.h"

namespace seshat::query {
namespace {

constexpr double kMaxBoost = 1000;

SuggestPoint ClauseStart() { return {.fields = true, .negation = true}; }

}  // namespace

Query NegateQuery(Query clause) {
  Not negation;
  negation.clause.push_back(std::move(clause));
  return MakeQuery(std::move(negation));
}

QueryReader::Wrong QueryReader::Fail(size_t position, std::string expected, std::string fix) const {
  std::string found = "the end of the query";
  if (position < text_.size()) {
    constexpr size_t kMaxFound = 24;
    constexpr std::string_view kBrackets = "()[]{}";
    const auto point = DecodeUtf8(text_.substr(position));
    size_t end = position + (point ? point->bytes : 1);
    while (end < text_.size() && end < position + kMaxFound && !IsQueryBlank(text_[end]) &&
           kBrackets.find(text_[position]) == std::string_view::npos && text_[end] != ':' &&
           kBrackets.find(text_[end]) == std::string_view::npos)
      ++end;
    found = fmt::format("'{}'", EscapeForTerminal(text_.substr(position, end - position)));
  }
  return Wrong(QuerySyntaxError{position, std::move(expected), std::move(found), std::move(fix)});
}

QueryReader::Wrong QueryReader::TooDeep() const {
  return Fail(in_.position(), fmt::format("at most {} levels of brackets and negations", kMaxQueryDepth),
              "Search in two steps.");
}

QueryReader::Wrong QueryReader::TooManyClauses() const {
  return Fail(in_.position(), fmt::format("at most {} clauses", kMaxQueryClauses), "Split the query.");
}

QueryReader::Wrong QueryReader::OpenQuote(std::string_view what) const {
  return Fail(text_.size(), "a closing '\"'", fmt::format("Add it at the end of the {}.", what));
}

void QueryReader::Expect(SuggestPoint point, WordPlace place) {
  point.begin = in_.position();
  expectations_.push_back({std::move(point), place});
}

void QueryReader::ExpectValueOf(const std::string& field, WordPlace place) {
  Expect({.values = true, .field = field}, place);
}

QueryReader::Parsed QueryReader::Read() {
  if (text_.size() > kMaxQueryBytes)
    return Fail(kMaxQueryBytes, fmt::format("a query of at most {} bytes", kMaxQueryBytes), "Search in two steps.");
  in_.SkipBlanks();
  if (in_.AtEnd()) {
    Expect(ClauseStart());
    return MakeQuery(MatchAll{});
  }
  if (const auto form = FindForeignStart(text_)) return Fail(form->position, "a condition", form->instead);
  auto query = ReadOr();
  if (!query) return query;
  if (!in_.AtEnd()) return Fail(in_.position(), "an operator or the end", "Remove the ')' or add a '('.");
  if (const auto ok = CheckQuery(*query); !ok)
    return Wrong(QuerySyntaxError{0, "a smaller query", ok.error().message, ""});
  return query;
}

QueryReader::Parsed QueryReader::ReadOr() {
  std::vector<Query> clauses;
  while (true) {
    auto clause = ReadAnd();
    if (!clause) return clause;
    clauses.push_back(std::move(*clause));
    in_.SkipBlanks();
    if (!AtOr()) break;
    in_.Return(in_.position() + 2);
  }
  if (clauses.size() == 1) return std::move(clauses[0]);
  return MakeQuery(AnyOf{std::move(clauses)});
}

QueryReader::Parsed QueryReader::ReadAnd() {
  std::vector<Query> clauses;
  while (true) {
    auto clause = ReadNot();
    if (!clause) return clause;
    clauses.push_back(std::move(*clause));
    const size_t end = in_.position();
    in_.SkipBlanks();
    // Right behind a word, the word itself may still grow.
    if (in_.position() > end || text_[end - 1] == ')') Expect({.fields = true, .negation = true, .junctions = true});
    if (AtAnd()) {
      in_.Return(in_.position() + (in_.Peek() == '&' ? 2 : 3));
      continue;
    }
    if (in_.AtEnd() || in_.Peek() == ')' || AtOr()) break;
  }
  if (clauses.size() == 1) return std::move(clauses[0]);
  return MakeQuery(AllOf{std::move(clauses)});
}

QueryReader::Parsed QueryReader::ReadNot() {
  in_.SkipBlanks();
  while (in_.Skip("+")) in_.SkipBlanks();
  const bool keyword = in_.IsKeyword("not");
  if (!keyword && in_.Peek() != '-' && (in_.Peek() != '!' || in_.Peek(1) == '=')) return ReadPrimary();
  const Level level(depth_);
  if (depth_ > kMaxQueryDepth) return TooDeep();
  if (keyword) Expect(ClauseStart());
  in_.Return(in_.position() + (keyword ? 3 : 1));
  auto clause = ReadNot();
  if (!clause) return clause;
  return NegateQuery(std::move(*clause));
}

QueryReader::Parsed QueryReader::ReadPrimary() {
  if (++primaries_ > kMaxQueryClauses) return TooManyClauses();
  Expect(ClauseStart());
  if (field_) ExpectValueOf(*field_, WordPlace::kClause);
  auto query = ReadUnboosted();
  if (!query) return query;
  return Boosted(std::move(*query));
}

QueryReader::Parsed QueryReader::Boosted(Query query) {
  const size_t begin = in_.position();
  if (in_.Peek() != '^') return query;
  const auto boost = in_.ReadBoost();
  if (!boost || !(*boost > 0 && *boost <= kMaxBoost))
    return Fail(begin, "a number above 0 and at most 1000 after '^'", "Write for example rig:a^2.");
  query.boost *= *boost;
  return query;
}

QueryReader::Parsed QueryReader::ReadUnboosted() {
  const size_t begin = in_.position();
  if (in_.Peek() == '(') return ReadBrackets();
  if (in_.Skip("*:*")) {
    if (in_.AtBoundary() || in_.Peek() == '^') return MakeQuery(MatchAll{});
    in_.Return(begin);
  }
  if (field_ && AtComparison()) return ReadComparison(*field_, false);
  if (field_ && (in_.Peek() == '[' || in_.Peek() == '{')) return ReadRange(*field_);
  if (auto regex = in_.ReadRegex()) return MakeRegex(begin, field_, std::move(*regex));
  if (in_.Peek() == '"') return ReadQuotedClause();
  return ReadWordClause();
}

QueryReader::Parsed QueryReader::ReadBrackets() {
  const size_t begin = in_.position();
  const Level level(depth_);
  if (depth_ > kMaxQueryDepth) return TooDeep();
  in_.Skip("(");
  in_.SkipBlanks();
  if (in_.Peek() == ')')
    return Fail(in_.position(), "a clause between the brackets", "Write something in them, or remove them.");
  auto query = ReadOr();
  if (!query) return query;
  if (!in_.Skip(")"))
    return Fail(in_.position(), fmt::format("a ')' for the '(' in column {}", begin + 1), "Add the ')'.");
  return query;
}

}  // namespace seshat::query
