#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/metadata/units.h"
#include "core/query/query_hints.h"
#include "core/query/query_reader.h"

namespace seshat::query {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNow(std::string_view text) {
  return text.size() == 3 && (text[0] | 0x20) == 'n' && (text[1] | 0x20) == 'o' && (text[2] | 0x20) == 'w';
}

MetadataValue DateLiteral(Timestamp time) { return metadata::TypeValue(FormatTimestamp(time)); }

}  // namespace

QueryReader::Parsed QueryReader::ReadComparison(const std::string& field, bool after_colon) {
  // Longer signs first.
  static constexpr Comparison kComparisons[] = {{">=", CompareOp::kGreaterOrEqual}, {"≥", CompareOp::kGreaterOrEqual},
                                                {"<=", CompareOp::kLessOrEqual},    {"≤", CompareOp::kLessOrEqual},
                                                {"==", CompareOp::kEqual},          {"=", CompareOp::kEqual}};
  static constexpr Comparison kOrders[] = {{">", CompareOp::kGreater}, {"<", CompareOp::kLess}};
  const size_t begin = in_.position();
  if (in_.Skip("!=") || in_.Skip("≠")) {
    auto equal = ReadEqual(field);
    if (!equal) return equal;
    return NegateQuery(std::move(*equal));
  }
  if (in_.StartsWith("<>")) return Fail(begin, "a comparison", fmt::format("Write {} != …", field));
  if (in_.StartsWith("=<") || in_.StartsWith("=>"))
    return Fail(begin, "a comparison", fmt::format("Write {} {}= …", field, in_.Peek(1)));
  if (in_.StartsWith("=~") && IsQueryBlank(in_.Peek(2)))
    return Fail(begin, "a comparison",
                fmt::format("Write {}:/…/ for a regular expression, {}:word~ for a word with slips.", field, field));
  const auto at = [&](const Comparison& c) { return in_.StartsWith(c.sign); };
  const auto* found = std::ranges::find_if(kComparisons, at);
  if (found == std::end(kComparisons)) found = std::ranges::find_if(kOrders, at);
  in_.Skip(found->sign);
  if (found->op != CompareOp::kEqual) return ReadOrdering(field, *found);
  if (after_colon && in_.Peek() == '"') {
    ExpectValueOf(field);
    auto quoted = in_.ReadQuoted();
    if (!quoted) return OpenQuote("value");
    return MakeQuery(Compare{field, CompareOp::kExactly, metadata::TypeValue(*quoted)});
  }
  return ReadEqual(field);
}

QueryReader::Parsed QueryReader::ReadEqual(const std::string& field) {
  in_.SkipBlanks();
  ExpectValueOf(field);
  const size_t begin = in_.position();
  if (auto regex = in_.ReadRegex()) return MakeRegex(begin, field, std::move(*regex));
  if (in_.Peek() == '"') {
    auto quoted = in_.ReadQuoted();
    if (!quoted) return OpenQuote("value");
    return MakeQuery(Compare{field, CompareOp::kEqual, metadata::TypeValue(*quoted)});
  }
  if (AtKeyword() || AtComparison()) return NoValue(begin);
  const auto word = in_.ReadWord(WordPlace::kValue);
  if (in_.position() == begin) return NoValue(begin);
  if (auto wrong = SignedValue(word, field)) return Wrong(std::move(*wrong));
  if (!word.escaped && !word.wildcard) {
    if (auto hint = HintForQuotes(word.text); !hint.empty()) return Fail(begin, "a value", std::move(hint));
    if (LooksLikeDateMath(word.text)) {
      auto date = ResolveDate(begin, word.text);
      if (!date) return Wrong(std::move(date).error());
      return MakeEqual(field, std::move(*date));
    }
  }
  if (word.wildcard) return MakeWildcard(word, field);
  auto value = metadata::TypeValue(word.text);
  TakeTimeOfDay(value);
  TakeUnit(WordPlace::kClause, value);
  return MakeQuery(Compare{field, CompareOp::kEqual, std::move(value)});
}

QueryReader::Parsed QueryReader::ReadOrdering(const std::string& field, const Comparison& comparison) {
  in_.SkipBlanks();
  const size_t begin = in_.position();
  ExpectValueOf(field);
  if (AtComparison()) return NoValue(begin);
  auto literal = ReadLiteral(WordPlace::kValue);
  if (!literal) return Wrong(std::move(literal).error());
  if (!literal->value.number && !literal->value.date)
    return Fail(begin, fmt::format("a number or a date after '{}'", comparison.sign),
                HintForOrdering(field, comparison.sign, literal->value.text));
  return MakeOrdering(field, comparison.op, std::move(*literal));
}

// Date math that ends in "/unit" means all of the unit.
Query QueryReader::MakeEqual(const std::string& field, Literal literal) {
  if (!literal.next) return MakeQuery(Compare{field, CompareOp::kEqual, std::move(literal.value)});
  return MakeQuery(Range{field, Bound{std::move(literal.value), true}, Bound{std::move(*literal.next), false}});
}

Query QueryReader::MakeOrdering(const std::string& field, CompareOp op, Literal literal) {
  if (literal.next && op == CompareOp::kGreater)
    return MakeQuery(Compare{field, CompareOp::kGreaterOrEqual, std::move(*literal.next)});
  if (literal.next && op == CompareOp::kLessOrEqual)
    return MakeQuery(Compare{field, CompareOp::kLess, std::move(*literal.next)});
  return MakeQuery(Compare{field, op, std::move(literal.value)});
}

// Where texts have no place: after an ordering, and in a range.
QueryReader::ReadLiteralResult QueryReader::ReadLiteral(WordPlace place) {
  const size_t begin = in_.position();
  std::string text;
  const bool quoted = in_.Peek() == '"';
  if (quoted) {
    auto read = in_.ReadQuoted();
    if (!read) return OpenQuote("value");
    text = std::move(*read);
  } else {
    text = in_.ReadWord(place).text;
    if (in_.position() == begin) return NoValue(begin);
  }
  if (IsNow(text) || LooksLikeDateMath(text)) return ResolveDate(begin, text);
  auto value = metadata::TypeValue(text);
  if (quoted) return Literal{.value = std::move(value), .quoted = true};
  TakeTimeOfDay(value);
  TakeUnit(place, value);
  return Literal{.value = std::move(value)};
}

QueryReader::ReadLiteralResult QueryReader::ResolveDate(size_t begin, std::string_view text) {
  if (IsNow(text)) {
    const size_t end = in_.position();
    in_.SkipBlanks();
    const size_t number = IsQueryBlank(in_.Peek(1)) ? 2 : 1;
    const bool step = in_.position() > end && (in_.Peek() == '-' || in_.Peek() == '+') && IsDigit(in_.Peek(number));
    if (step) return Fail(begin, "a date", "Write now-7d without blanks.");
    in_.Return(end);
  }
  const auto date = ResolveDateMath(text, date_math_);
  if (!date) return Fail(begin, "a date", fmt::format("{}. A text stands in quotes.", date.error().message));
  Literal literal{.value = DateLiteral(date->time)};
  if (date->next) literal.next = DateLiteral(*date->next);
  return literal;
}

// "25 °C": a unit behind a blank, which no list of values or words could mean.
void QueryReader::TakeUnit(WordPlace place, MetadataValue& value) {
  if (!value.number || !value.unit.empty()) return;
  const size_t begin = in_.position();
  in_.SkipBlanks();
  const auto unit = in_.ReadWord(place == WordPlace::kBound ? place : WordPlace::kClause);
  const bool alone = !unit.escaped && metadata::IsUnitSymbol(unit.text) && !IsQueryKeyword(unit.text) && !AtFieldSign();
  auto with_unit = alone ? metadata::TypeValue(value.text + " " + unit.text) : MetadataValue{};
  if (with_unit.number && with_unit.unit == unit.text) {
    value = std::move(with_unit);
  } else {
    in_.Return(begin);
  }
}

// "2026-11-23 05:50": the time behind a blank is no field "05".
void QueryReader::TakeTimeOfDay(MetadataValue& value) {
  constexpr size_t kDay = 10;
  if (!value.date || value.text.size() != kDay) return;
  const size_t begin = in_.position();
  in_.SkipBlanks();
  const bool time = in_.position() > begin && IsDigit(in_.Peek()) && IsDigit(in_.Peek(1)) && in_.Peek(2) == ':';
  auto whole = time ? metadata::TypeValue(value.text + " " + in_.ReadWord(WordPlace::kBound).text) : MetadataValue{};
  if (whole.date) {
    value = std::move(whole);
  } else {
    in_.Return(begin);
  }
}

QueryReader::Parsed QueryReader::ReadRange(const std::string& field) {
  const bool low_inclusive = in_.Peek() == '[';
  in_.Return(in_.position() + 1);
  std::optional<Literal> low;
  std::optional<Literal> high;
  if (auto wrong = ReadBound(field, low)) return Wrong(std::move(*wrong));
  const size_t end = in_.position();
  in_.SkipBlanks();
  if (in_.position() > end) Expect({.to = true}, WordPlace::kBound);
  if (!in_.IsKeyword("to"))
    return Fail(in_.position(), "TO between the bounds of a range",
                fmt::format("Write for example {}:[60 TO 90]; put a value with brackets in quotes.", field));
  in_.Return(in_.position() + 2);
  if (auto wrong = ReadBound(field, high)) return Wrong(std::move(*wrong));
  in_.SkipBlanks();
  if (in_.Peek() != ']' && in_.Peek() != '}')
    return Fail(in_.position(), "']' or '}' at the end of the range",
                "Close it with ']' to have the bound in it, with '}' to leave it out.");
  const bool high_inclusive = in_.Peek() == ']';
  in_.Return(in_.position() + 1);
  if (!low && !high) return MakeQuery(Exists{field});
  return MakeQuery(MakeRange(field, {std::move(low), low_inclusive}, {std::move(high), high_inclusive}));
}

Range QueryReader::MakeRange(const std::string& field, ReadBoundary low, ReadBoundary high) {
  // "[3 TO 5V]": a bound without unit has that of the other. In quotes a value is just what it is.
  const auto complete = [](std::optional<Literal>& bare, const std::optional<Literal>& other) {
    if (!bare || !other || bare->quoted || other->quoted || !bare->value.number || !other->value.number) return;
    if (!bare->value.unit.empty() || other->value.unit.empty()) return;
    auto whole = metadata::TypeValue(fmt::format("{} {}", bare->value.text, other->value.unit));
    if (whole.number == bare->value.number) bare->value = std::move(whole);
  };
  complete(low.literal, high.literal);
  complete(high.literal, low.literal);
  Range range;
  range.field = field;
  // Date math that ends in "/unit" is a span: past its end, or up to it.
  if (low.literal && low.literal->next && !low.inclusive)
    range.low = Bound{std::move(*low.literal->next), true};
  else if (low.literal)
    range.low = Bound{std::move(low.literal->value), low.inclusive};
  if (high.literal && high.literal->next && high.inclusive)
    range.high = Bound{std::move(*high.literal->next), false};
  else if (high.literal)
    range.high = Bound{std::move(high.literal->value), high.inclusive};
  return range;
}

// '*' leaves the bound open.
std::optional<QuerySyntaxError> QueryReader::ReadBound(const std::string& field, std::optional<Literal>& bound) {
  in_.SkipBlanks();
  ExpectValueOf(field, WordPlace::kBound);
  const size_t begin = in_.position();
  if (in_.Peek() == '*' && (in_.AtBoundary(1) || in_.Peek(1) == ']' || in_.Peek(1) == '}')) {
    in_.Return(begin + 1);
    return std::nullopt;
  }
  if (in_.IsKeyword("to"))
    return Fail(begin, "a number, a date or * as the bound of a range", "Write * where it is open: [* TO 5].").error();
  auto literal = ReadLiteral(WordPlace::kBound);
  if (!literal) return std::move(literal).error();
  if (!literal->value.number && !literal->value.date)
    return Fail(begin, "a number, a date or * as the bound of a range", HintForBound(field, literal->value.text))
        .error();
  bound = std::move(*literal);
  return std::nullopt;
}

}  // namespace seshat::query
