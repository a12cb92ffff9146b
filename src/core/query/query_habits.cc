#include "core/query/query_habits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/metadata/text_fold.h"
#include "core/query/query_parser.h"

namespace seshat::query {
namespace {

struct WordForSign {
  std::string_view word;
  std::string_view sign;
};

constexpr std::array<WordForSign, 16> kSigns{{{"is", ":"},
                                              {"equals", "="},
                                              {"equal", "="},
                                              {"like", ":"},
                                              {"contains", ":"},
                                              {"matches", ":"},
                                              {"in", ":"},
                                              {"over", ">"},
                                              {"above", ">"},
                                              {"under", "<"},
                                              {"below", "<"},
                                              {"after", ">"},
                                              {"before", "<"},
                                              {"since", ">="},
                                              {"until", "<="},
                                              {"from", ">="}}};

const Text* PlainWord(const Query& query) {
  const auto* node = std::get_if<Text>(&query.node);
  return node != nullptr && !node->field && node->match == TextMatch::kWord ? node : nullptr;
}

// The value that a clause without a field looks for, as one would write it.
std::string ValueOf(const Query& query) {
  const auto* node = std::get_if<Text>(&query.node);
  if (node == nullptr || node->field) return "";
  switch (node->match) {
    case TextMatch::kWord:
      return PrintValue(node->text);
    case TextMatch::kPhrase:
      return '"' + node->text + '"';
    case TextMatch::kWildcard:
      return node->text;
    default:
      return "";
  }
}

std::optional<Query> Comparison(const std::string& field, std::string_view sign, const Query& value) {
  const auto text = ValueOf(value);
  if (text.empty()) return std::nullopt;
  auto query = ParseQuery(fmt::format("{} {} {}", PrintField(field), sign, text));
  if (!query) return std::nullopt;
  return std::move(*query);
}

// "rig is bench", "rig is not bench": three clauses that are one.
std::optional<Query> AsComparison(const std::vector<Query>& clauses, size_t at) {
  if (at + 2 >= clauses.size()) return std::nullopt;
  const auto* field = PlainWord(clauses[at]);
  const auto* word = PlainWord(clauses[at + 1]);
  if (field == nullptr || word == nullptr) return std::nullopt;
  const auto* sign = std::ranges::find(kSigns, std::string_view(metadata::FoldCase(word->text)), &WordForSign::word);
  if (sign == kSigns.end()) return std::nullopt;
  const Query& value = clauses[at + 2];
  if (const auto* negation = std::get_if<Not>(&value.node)) {
    auto query = Comparison(field->text, sign->sign, negation->clause.at(0));
    if (!query) return std::nullopt;
    Not without;
    without.clause.push_back(std::move(*query));
    return Query{std::move(without)};
  }
  return Comparison(field->text, sign->sign, value);
}

std::string Field(const Query& query) {
  if (const auto* node = std::get_if<Text>(&query.node)) return node->field.value_or("");
  if (const auto* node = std::get_if<Compare>(&query.node)) return node->field;
  return "";
}

// The text of `field:text` and `field = text`; empty for anything else.
std::string TextOf(const Query& query) {
  if (const auto* node = std::get_if<Text>(&query.node))
    return node->field && node->match == TextMatch::kWord ? node->text : "";
  if (const auto* node = std::get_if<Compare>(&query.node))
    return node->op == CompareOp::kEqual ? node->value.text : "";
  return "";
}

std::optional<Query> Parsed(const std::string& field, const std::string& value) {
  auto query = ParseQuery(fmt::format("{}:{}", PrintField(field), value));
  if (!query) return std::nullopt;
  return std::move(*query);
}

std::vector<std::string> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t at = text.find(separator);
    if (at > 0 && !text.empty()) parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

bool AreNumbers(const std::vector<std::string>& parts) {
  return std::ranges::all_of(parts,
                             [](const std::string& part) { return metadata::TypeValue(part).number.has_value(); });
}

// The year or month that a text is: where it starts and where the next one does.
std::optional<std::pair<std::string, std::string>> PeriodOf(std::string_view text) {
  constexpr size_t kYear = 4;
  constexpr size_t kMonth = 7;
  const bool month = text.size() == kMonth && text[kYear] == '-';
  if (text.size() != kYear && !month) return std::nullopt;
  const auto year = metadata::TypeValue(text.substr(0, kYear)).integer;
  constexpr int64_t kFirst = 1900;
  constexpr int64_t kLast = 2200;
  if (!year || *year < kFirst || *year > kLast) return std::nullopt;
  if (!month) return std::pair(fmt::format("{}-01-01", *year), fmt::format("{}-01-01", *year + 1));
  const auto first = fmt::format("{}-01", text);
  if (!metadata::TypeValue(first).date) return std::nullopt;
  const bool december = text.ends_with("12");
  const int next = december ? 1 : (text[kYear + 1] - '0') * 10 + (text[kYear + 2] - '0') + 1;
  return std::pair(first, fmt::format("{}-{:02}-01", *year + (december ? 1 : 0), next));
}

// "> 2020" is behind the year, ">= 2020" from its start.
std::optional<Query> AsPeriod(const Query& query) {
  const auto* compare = std::get_if<Compare>(&query.node);
  const auto period = PeriodOf(compare != nullptr ? compare->value.text : TextOf(query));
  const auto field = Field(query);
  if (!period || field.empty()) return std::nullopt;
  const auto& [start, next] = *period;
  switch (compare != nullptr ? compare->op : CompareOp::kEqual) {
    case CompareOp::kLess:
      return Parsed(field, "<" + start);
    case CompareOp::kLessOrEqual:
      return Parsed(field, "<" + next);
    case CompareOp::kGreater:
      return Parsed(field, ">=" + next);
    case CompareOp::kGreaterOrEqual:
      return Parsed(field, ">=" + start);
    case CompareOp::kEqual:
      return Parsed(field, fmt::format("[{} TO {}}}", start, next));
    case CompareOp::kExactly:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Query> AsNothing(const std::string& field, const std::string& text) {
  const auto folded = metadata::FoldCase(text);
  if (folded != "null" && folded != "none" && folded != "nil" && folded != "nan" && !text.empty()) return std::nullopt;
  Not without;
  without.clause.push_back(Query{Exists{field}});
  return Query{std::move(without)};
}

std::optional<Query> AsRangeOrList(const std::string& field, const std::string& text) {
  for (const std::string_view separator : {"..", "-"}) {
    const auto bounds = Split(text, separator);
    if (bounds.size() == 2 && AreNumbers(bounds) && !text.starts_with(separator) &&
        metadata::TypeValue(bounds[0]).number < metadata::TypeValue(bounds[1]).number)
      return Parsed(field, fmt::format("[{} TO {}]", bounds[0], bounds[1]));
  }
  const auto parts = Split(text, ",");
  if (parts.size() < 2) return std::nullopt;
  AnyOf any;
  for (const auto& part : parts) {
    auto clause = Parsed(field, PrintValue(part));
    if (!clause) return std::nullopt;
    any.clauses.push_back(std::move(*clause));
  }
  return Query{std::move(any)};
}

Query Leaf(const Query& query) {
  if (auto period = AsPeriod(query)) return *period;
  const auto field = Field(query);
  const auto* compare = std::get_if<Compare>(&query.node);
  const bool empty = compare != nullptr && compare->op == CompareOp::kEqual && compare->value.text.empty();
  const auto text = TextOf(query);
  if (field.empty() || (text.empty() && !empty)) return query;
  if (auto nothing = AsNothing(field, text)) return *nothing;
  if (auto other = AsRangeOrList(field, text)) return *other;
  return query;
}

// "rig:(a, b)": clauses of one field, with commas left at their ends.
std::optional<Query> AsAlternatives(const std::vector<Query>& clauses) {
  AnyOf any;
  for (size_t i = 0; i < clauses.size(); ++i) {
    auto text = TextOf(clauses[i]);
    if (text.empty() || Field(clauses[i]) != Field(clauses[0])) return std::nullopt;
    if (text.ends_with(',')) {
      text.pop_back();
    } else if (i + 1 < clauses.size()) {
      return std::nullopt;
    }
    auto clause = Parsed(Field(clauses[0]), PrintValue(text));
    if (!clause) return std::nullopt;
    any.clauses.push_back(std::move(*clause));
  }
  return Query{std::move(any)};
}

Query OfClauses(const std::vector<Query>& clauses) {
  if (auto any = AsAlternatives(clauses)) return *any;
  AllOf all;
  for (size_t i = 0; i < clauses.size(); ++i) {
    if (auto comparison = AsComparison(clauses, i)) {
      all.clauses.push_back(std::move(*comparison));
      i += 2;
    } else {
      all.clauses.push_back(AsProbablyMeant(clauses[i]));
    }
  }
  if (all.clauses.size() == 1) return std::move(all.clauses[0]);
  return Query{std::move(all)};
}

}  // namespace

Query AsProbablyMeant(const Query& query) {
  Query meant;
  if (const auto* node = std::get_if<AllOf>(&query.node)) {
    meant = OfClauses(node->clauses);
  } else if (const auto* any = std::get_if<AnyOf>(&query.node)) {
    AnyOf all;
    for (const auto& clause : any->clauses) all.clauses.push_back(AsProbablyMeant(clause));
    meant = Query{std::move(all)};
  } else if (std::holds_alternative<Not>(query.node)) {
    return query;  // it excludes nothing, which is no reason to find nothing
  } else {
    meant = Leaf(query);
  }
  meant.boost = query.boost;
  return meant;
}

Query WithSlipsAllowed(const Query& query, const std::function<bool(const Query& word)>& allowed) {
  Query out = query;
  const auto all = [&](std::vector<Query>& clauses) {
    for (auto& clause : clauses) clause = WithSlipsAllowed(clause, allowed);
  };
  if (auto* node = std::get_if<AllOf>(&out.node)) all(node->clauses);
  if (auto* node = std::get_if<AnyOf>(&out.node)) all(node->clauses);
  if (PlainWord(out) != nullptr && allowed(query)) std::get<Text>(out.node).match = TextMatch::kFuzzy;
  return out;
}

}  // namespace seshat::query
