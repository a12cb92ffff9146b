// The recursive descent behind ParseQuery and SuggestAt: one object reads one text. Private to the parser; its
// methods are in query_reader.cc (structure), query_reader_clauses.cc (fields, words, lists) and
// query_reader_literals.cc (comparisons, ranges, literals).
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/query/date_math.h"
#include "core/query/query.h"
#include "core/query/query_scanner.h"
#include "core/query/query_syntax.h"
#include "core/query/suggest_point.h"

namespace seshat::query {

// What could stand at a place that the reader came by; `point.begin` is the place.
struct QueryExpectation {
  SuggestPoint point;
  WordPlace place = WordPlace::kClause;
};

class QueryReader {
 public:
  QueryReader(std::string_view text, const ParseOptions& options)
      : in_(text), text_(text), date_math_{options.now, options.utc_offset} {}

  using Parsed = std::expected<Query, QuerySyntaxError>;
  Parsed Read();
  // In the order of reading; places may come twice.
  const std::vector<QueryExpectation>& expectations() const { return expectations_; }

 private:
  using Wrong = std::unexpected<QuerySyntaxError>;
  struct Comparison {
    std::string_view sign;
    CompareOp op;
  };
  // A value after a field, resolved: a number, a text, a time, or a span of time from date math.
  struct Literal {
    MetadataValue value;
    std::optional<MetadataValue> next{};  // the first moment behind the span that starts with `value`
    bool quoted = false;
  };
  struct ReadBoundary {
    std::optional<Literal> literal;
    bool inclusive = true;
  };
  using ReadLiteralResult = std::expected<Literal, QuerySyntaxError>;

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

  Wrong Fail(size_t position, std::string expected, std::string fix) const;
  Wrong TooDeep() const;
  Wrong TooManyClauses() const;
  Wrong NoValue(size_t position) const;
  std::optional<QuerySyntaxError> ForeignForm(size_t begin, const std::string& name) const;
  std::optional<QuerySyntaxError> SignedValue(const QueryWord& word, const std::string& field) const;
  Wrong OpenQuote(std::string_view what) const;

  bool AtOr() const { return in_.IsKeyword("or") || in_.StartsWith("||"); }
  bool AtAnd() const { return in_.IsKeyword("and") || in_.StartsWith("&&"); }
  bool AtKeyword() const { return AtAnd() || AtOr() || in_.IsKeyword("not") || in_.IsKeyword("to"); }
  bool AtComparison() const;
  bool AtFieldSign();
  bool AtListWord();

  Parsed ReadOr();
  Parsed ReadAnd();
  Parsed ReadNot();
  Parsed ReadPrimary();
  Parsed ReadUnboosted();
  Parsed ReadBrackets();
  Parsed Boosted(Query query);

  Parsed ReadQuotedClause();
  Parsed ReadWordClause();
  Parsed ReadExists();
  Parsed ReadFieldClause(const std::string& field);
  Parsed ReadValues(const std::string& field);
  Parsed ReadValue(const std::string& field);
  Parsed MakeRegex(size_t begin, std::optional<std::string> field, std::string pattern);
  Parsed MakePhrase(size_t begin, std::string phrase, std::optional<std::string> field);
  Parsed MakeWord(const QueryWord& word, std::optional<std::string> field);
  Parsed MakeWildcard(const QueryWord& word, std::optional<std::string> field);
  Parsed WithoutWords(size_t begin, const std::string& text, std::optional<std::string> field);

  Parsed ReadComparison(const std::string& field, bool after_colon);
  Parsed ReadEqual(const std::string& field);
  Parsed ReadOrdering(const std::string& field, const Comparison& comparison);
  Parsed ReadRange(const std::string& field);
  std::optional<QuerySyntaxError> ReadBound(const std::string& field, std::optional<Literal>& bound);
  static Range MakeRange(const std::string& field, ReadBoundary low, ReadBoundary high);
  ReadLiteralResult ReadLiteral(WordPlace place);
  ReadLiteralResult ResolveDate(size_t begin, std::string_view text);
  void TakeUnit(WordPlace place, MetadataValue& value);
  void TakeTimeOfDay(MetadataValue& value);
  static Query MakeEqual(const std::string& field, Literal literal);
  static Query MakeOrdering(const std::string& field, CompareOp op, Literal literal);

  void Expect(SuggestPoint point, WordPlace place = WordPlace::kClause);
  void ExpectValueOf(const std::string& field, WordPlace place = WordPlace::kValue);

  QueryScanner in_;
  std::string_view text_;
  DateMathOptions date_math_;
  std::optional<std::string> field_;  // inside field:(…)
  size_t depth_ = 1;
  size_t primaries_ = 0;
  std::vector<QueryExpectation> expectations_;
};

template <typename Node>
Query MakeQuery(Node node) {
  return Query{std::move(node)};
}
Query NegateQuery(Query clause);

}  // namespace seshat::query

namespace seshat {
using query::QueryExpectation;
using query::QueryReader;
}  // namespace seshat
