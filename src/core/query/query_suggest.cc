#include "core/query/query_suggest.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "core/base/edit_distance.h"
#include "core/metadata/text_fold.h"
#include "core/query/document_fields.h"
#include "core/query/query_limits.h"
#include "core/query/query_parser.h"
#include "core/query/query_reader.h"
#include "core/query/text_match.h"

namespace seshat::query {
namespace {

using Kind = Suggestion::Kind;

// --- what the grammar allows ---

void Merge(const SuggestPoint& from, SuggestPoint& into) {
  into.field_signs &= from.field_signs;
  into.fields |= from.fields;
  into.operators |= from.operators;
  into.values |= from.values;
  into.negation |= from.negation;
  into.junctions |= from.junctions;
  into.to |= from.to;
  if (!from.field.empty()) into.field = from.field;
}

// The word that begins at `begin`, as far as it is typed; nothing where it ended before the cursor.
std::optional<std::string> PrefixAt(std::string_view typed, size_t begin, WordPlace place) {
  QueryScanner scanner(typed);
  scanner.Return(begin);
  if (scanner.Peek() == '"') {
    if (scanner.ReadQuoted()) return std::nullopt;
    // Open: what is in it so far. A backslash at the end waits for its character.
    std::string text(typed.substr(begin));
    text += '"';
    QueryScanner quoted(text);
    return quoted.ReadQuoted().value_or("");
  }
  if (scanner.Peek() == '/' && place != WordPlace::kClause) return std::nullopt;  // perhaps an expression
  auto word = scanner.ReadWord(place);
  if (!scanner.AtEnd() || word.wildcard) return std::nullopt;
  return std::move(word.text);
}

size_t EndOfWord(std::string_view text, size_t begin, size_t cursor, WordPlace place) {
  if (begin < text.size() && text[begin] == '"') return cursor;
  QueryScanner scanner(text);
  scanner.Return(begin);
  scanner.ReadWord(place);
  return std::max(cursor, scanner.position());
}

// What was expected last, where the word there reaches the cursor.
std::optional<SuggestPoint> LastExpectation(std::string_view text, size_t cursor,
                                            const std::vector<QueryExpectation>& expectations) {
  size_t begin = 0;
  for (const auto& expectation : expectations) begin = std::max(begin, expectation.point.begin);
  std::optional<SuggestPoint> point;
  for (const auto& expectation : expectations) {
    if (expectation.point.begin != begin) continue;
    const auto prefix = PrefixAt(text.substr(0, cursor), begin, expectation.place);
    if (!prefix) continue;
    if (!point) {
      point = expectation.point;
      point->prefix = *prefix;
      point->end = EndOfWord(text, begin, cursor, expectation.place);
    } else {
      Merge(expectation.point, *point);
    }
  }
  return point;
}

// --- ranking ---

struct Ranked {
  int group = 0;    // values, keywords, fields
  size_t rank = 0;  // how well it fits; small is good
  Suggestion suggestion;

  // What has no count stays in the order in which it was offered.
  auto Key() const {
    const auto& s = suggestion;
    const size_t length = s.kind == Kind::kField || s.kind == Kind::kValue ? s.label.size() : 0;
    return std::tuple(group, rank, ~s.count, length, length > 0 ? std::string_view(s.label) : "");
  }
};

// Same text, beginning, word in it, part, slip; nothing where it does not fit.
std::optional<size_t> Fit(std::string_view prefix, std::string_view candidate) {
  if (prefix.empty()) return 0;
  const auto wanted = metadata::FoldAccents(prefix);
  const auto folded = metadata::FoldAccents(candidate);
  if (folded == wanted) return 0;
  if (folded.starts_with(wanted)) return 1;
  const size_t part = folded.find(wanted);
  if (part != std::string::npos) {
    const char before = folded[part - 1];
    const bool word = before == ' ' || before == '_' || before == '.' || before == '-' || before == '/';
    if (word) return 2;
    constexpr size_t kShortestPart = 3;
    if (wanted.size() >= kShortestPart) return 3;
  }
  constexpr size_t kLettersPerSlip = 4;
  const size_t most = std::min<size_t>(wanted.size() / kLettersPerSlip, 2);
  if (most == 0) return std::nullopt;
  // Against the beginning: people suggest while they type.
  const auto begun = std::string_view(folded).substr(0, std::max(wanted.size(), size_t{1}));
  const auto edits =
      std::min(Edits(wanted, folded, most).value_or(most + 1), Edits(wanted, begun, most).value_or(most + 1));
  if (edits > most) return std::nullopt;
  return 3 + edits;
}

class Ranking {
 public:
  explicit Ranking(const SuggestPoint& point) : point_(point) {}

  void Offer(int group, Suggestion suggestion) {
    const auto fit = Fit(point_.prefix, suggestion.label);
    if (!fit) return;
    ranked_.push_back({group, *fit, std::move(suggestion)});
  }
  std::vector<Suggestion> Best(size_t limit) && {
    std::ranges::stable_sort(ranked_, {}, &Ranked::Key);
    std::vector<Suggestion> out;
    for (auto& ranked : ranked_) {
      if (out.size() == limit) break;
      const bool repeated =
          std::ranges::any_of(out, [&](const Suggestion& s) { return s.text == ranked.suggestion.text; });
      if (!repeated) out.push_back(std::move(ranked.suggestion));
    }
    return out;
  }

 private:
  const SuggestPoint& point_;
  std::vector<Ranked> ranked_;
};

constexpr int kValues = 0;
constexpr int kOperators = 1;
constexpr int kKeywords = 2;
constexpr int kFields = 3;

FieldInfo FixedField(std::string_view name) {
  FieldInfo info;
  info.name = name;
  if (name.ends_with("_at")) {
    info.dates = 1;
  } else if (name == "bytes" || name == "file_count") {
    info.numbers = 1;
    if (name == "bytes") info.units = {{"B", 1}};
  } else {
    info.texts = 1;
  }
  return info;
}

void OfferFields(const SuggestPoint& point, std::span<const FieldInfo> fields, Ranking& ranking) {
  const auto offer = [&](const FieldInfo& field) {
    ranking.Offer(kFields, {Kind::kField, PrintField(field.name) + (point.field_signs ? ":" : ""), field.name,
                            field.sessions, std::string(metadata::FieldType(field))});
  };
  for (const auto& field : fields) offer(field);
  for (const auto name : FixedFields()) offer(FixedField(name));
}

void OfferOperators(const SuggestPoint& point, std::span<const FieldInfo> fields, Ranking& ranking) {
  const auto folded = metadata::FoldField(point.field);
  const auto known = std::ranges::find(fields, folded, [](const FieldInfo& f) { return metadata::FoldField(f.name); });
  const auto is_fixed = std::ranges::find(FixedFields(), folded) != FixedFields().end();
  std::optional<FieldInfo> info;
  if (known != fields.end()) {
    info = *known;
  } else if (is_fixed) {
    info = FixedField(folded);
  }
  const bool ordered = !info || info->numbers + info->dates > 0;
  const auto offer = [&](std::string_view sign) {
    ranking.Offer(kOperators, {Kind::kOperator, std::string(sign) + " ", std::string(sign), 0, ""});
  };
  for (const std::string_view sign : {"=", "!="}) offer(sign);
  if (ordered)
    for (const std::string_view sign : {">", ">=", "<", "<="}) offer(sign);
}

}  // namespace

SuggestPoint SuggestAt(std::string_view text, size_t cursor) {
  cursor = std::min(cursor, text.size());
  SuggestPoint nothing;
  nothing.begin = nothing.end = cursor;
  if (text.size() > kMaxQueryBytes) return nothing;
  const auto typed = text.substr(0, cursor);
  QueryReader reader(typed, {});
  const auto read = reader.Read();
  if (auto point = LastExpectation(text, cursor, reader.expectations())) return *point;
  if (read) return nothing;
  // A mistake further left: the last word by itself.
  const size_t blank = typed.find_last_of(" \t\r\n(");
  if (blank == std::string_view::npos || blank + 1 <= read.error().position) return nothing;
  QueryReader tail(typed.substr(blank + 1), {});
  [[maybe_unused]] const auto ignored = tail.Read();
  auto point = LastExpectation(text.substr(blank + 1), cursor - blank - 1, tail.expectations());
  if (!point) return nothing;
  point->begin += blank + 1;
  point->end += blank + 1;
  return *point;
}

std::vector<Suggestion> Suggest(const SuggestPoint& point, std::span<const FieldInfo> fields,
                                std::span<const FacetValue> values, size_t limit) {
  Ranking ranking(point);
  const auto keyword = [&](std::string_view word) {
    ranking.Offer(kKeywords, {Kind::kKeyword, std::string(word) + " ", std::string(word), 0, ""});
  };
  if (point.values)
    for (const auto& value : values)
      ranking.Offer(kValues, {Kind::kValue, PrintValue(value.value) + " ", value.value, value.count, ""});
  if (point.operators) OfferOperators(point, fields, ranking);
  if (point.junctions) {
    keyword("AND");
    keyword("OR");
  }
  if (point.negation && !point.prefix.empty()) keyword("NOT");
  if (point.to) keyword("TO");
  if (point.fields) OfferFields(point, fields, ranking);
  return std::move(ranking).Best(limit);
}

}  // namespace seshat::query
