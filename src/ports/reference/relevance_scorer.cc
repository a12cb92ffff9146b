#include "ports/reference/relevance_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/metadata/text_fold.h"
#include "core/query/document_fields.h"

namespace seshat::reference {
namespace {

// How fast the gain from further occurrences fades; BM25's usual one.
constexpr double kSaturation = 1.2;

bool IsPattern(const TextMatcher& matcher) {
  return matcher.match() != TextMatch::kWord && matcher.match() != TextMatch::kPhrase;
}

}  // namespace

Status RelevanceScorer::Collect(const Query& query, const FieldAliases& aliases, double boost, std::vector<Leaf>& out) {
  boost *= query.boost;
  const auto all = [&](const std::vector<Query>& clauses) -> Status {
    for (const auto& clause : clauses) SESHAT_TRY(Collect(clause, aliases, boost, out));
    return {};
  };
  if (const auto* node = std::get_if<AllOf>(&query.node)) return all(node->clauses);
  if (const auto* node = std::get_if<AnyOf>(&query.node)) return all(node->clauses);
  const auto* text = std::get_if<Text>(&query.node);
  if (text == nullptr) return {};
  SESHAT_ASSIGN(auto matcher, TextMatcher::Make(*text));
  Leaf leaf{.matcher = std::move(matcher), .fields = std::nullopt, .boost = boost, .rarity = {}};
  if (text->field) leaf.fields = aliases.Group(*text->field);
  out.push_back(std::move(leaf));
  return {};
}

std::vector<double> RelevanceScorer::Times(const Leaf& leaf, const SessionDocument& document) {
  const bool pattern = IsPattern(leaf.matcher);
  std::vector<double> times(pattern ? 1 : leaf.matcher.words().size());
  for (const auto& value : query::FieldValues(document)) {
    const bool looks = leaf.fields ? value.kind != FieldKind::kKeyName &&
                                         std::ranges::binary_search(*leaf.fields, metadata::FoldField(value.field))
                                   : query::IsFullText(value.kind, value.field);
    if (!looks) continue;
    if (pattern) {
      if (leaf.matcher.MatchesValue(value.value.text)) times[0] = 1;
      continue;
    }
    for (const auto& word : metadata::Words(value.value.text))
      for (size_t i = 0; i < times.size(); ++i)
        if (word == leaf.matcher.words()[i]) ++times[i];
  }
  return times;
}

Result<RelevanceScorer> RelevanceScorer::Make(const Query& query, const FieldAliases& aliases,
                                              const std::vector<std::shared_ptr<const SessionDocument>>& all) {
  RelevanceScorer scorer;
  SESHAT_TRY(Collect(query, aliases, 1, scorer.leaves_));
  const auto sessions = static_cast<double>(all.size());
  for (auto& leaf : scorer.leaves_) {
    std::vector<double> with_it(IsPattern(leaf.matcher) ? 1 : leaf.matcher.words().size());
    for (const auto& document : all) {
      const auto times = Times(leaf, *document);
      for (size_t i = 0; i < times.size(); ++i)
        if (times[i] > 0) ++with_it[i];
    }
    for (const double n : with_it) leaf.rarity.push_back(std::log(1 + (sessions - n + 0.5) / (n + 0.5)));
  }
  return scorer;
}

double RelevanceScorer::Score(const SessionDocument& document) const {
  double score = 0;
  for (const auto& leaf : leaves_) {
    const auto times = Times(leaf, document);
    for (size_t i = 0; i < times.size(); ++i)
      score += leaf.boost * leaf.rarity[i] * times[i] / (times[i] + kSaturation);
  }
  return score;
}

}  // namespace seshat::reference
