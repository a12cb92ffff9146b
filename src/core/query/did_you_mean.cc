#include "core/query/did_you_mean.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "core/base/edit_distance.h"
#include "core/metadata/text_fold.h"
#include "core/query/document_fields.h"
#include "core/query/text_match.h"

namespace seshat::query {
namespace {

// A leaf that names a text of a field.
struct NamedText {
  const std::string* field = nullptr;
  const std::string* text = nullptr;
};

std::optional<NamedText> NamedTextOf(const Query& query) {
  if (const auto* node = std::get_if<Compare>(&query.node)) {
    const bool equal = node->op == CompareOp::kEqual || node->op == CompareOp::kExactly;
    if (equal && !node->value.number && !node->value.date) return NamedText{&node->field, &node->value.text};
  }
  if (const auto* node = std::get_if<Text>(&query.node))
    if (node->field && (node->match == TextMatch::kWord || node->match == TextMatch::kPhrase))
      return NamedText{&*node->field, &node->text};
  return std::nullopt;
}

bool Matches(const Query& leaf, const std::string& value) {
  if (const auto* node = std::get_if<Compare>(&leaf.node))
    return Satisfies(metadata::TypeValue(value), node->op, node->value);
  const auto matcher = TextMatcher::Make(std::get<Text>(leaf.node));
  return matcher && matcher->MatchesValue(value);
}

class Finder {
 public:
  explicit Finder(const ValuesOfField& values) : values_(values) {}

  void Look(const Query& query) {
    if (const auto* node = std::get_if<AllOf>(&query.node))
      for (const auto& clause : node->clauses) Look(clause);
    if (const auto* node = std::get_if<AnyOf>(&query.node))
      for (const auto& clause : node->clauses) Look(clause);
    const auto named = NamedTextOf(query);
    if (!named) return;
    const auto [known, is_new] = known_.try_emplace(metadata::FoldField(*named->field));
    if (is_new) known->second = values_(*named->field);
    if (std::ranges::any_of(known->second, [&](const FacetValue& v) { return Matches(query, v.value); })) return;
    auto near = NearestValues(*named->text, known->second);
    if (!near.empty()) slips_.push_back({*named->field, *named->text, std::move(near)});
  }
  std::vector<ValueSlip> Slips() && { return std::move(slips_); }

 private:
  const ValuesOfField& values_;
  std::map<std::string, std::vector<FacetValue>> known_;
  std::vector<ValueSlip> slips_;
};

}  // namespace

std::vector<FacetValue> NearestValues(std::string_view text, std::span<const FacetValue> values, size_t limit) {
  const auto wanted = metadata::FoldAccents(text);
  constexpr size_t kLettersPerSlip = 3;
  const size_t most = std::clamp<size_t>(wanted.size() / kLettersPerSlip, 1, 3);
  std::vector<std::tuple<size_t, uint64_t, FacetValue>> found;
  for (const auto& value : values) {
    auto edits = Edits(wanted, metadata::FoldAccents(value.value), most);
    // A slip in one word of a longer value.
    for (const auto& word : metadata::Words(value.value))
      if (const auto less = Edits(wanted, word, edits ? *edits : most)) edits = less;
    // One letter of two says nothing.
    if (edits && *edits < wanted.size()) found.emplace_back(*edits, ~value.count, value);
  }
  std::ranges::sort(found, {}, [](const auto& f) {
    return std::tuple(std::get<0>(f), std::get<1>(f), std::string_view(std::get<2>(f).value));
  });
  std::vector<FacetValue> out;
  for (auto& [edits, count, value] : found)
    if (out.size() < limit) out.push_back(std::move(value));
  return out;
}

std::vector<ValueSlip> FindValueSlips(const Query& query, const ValuesOfField& values) {
  Finder finder(values);
  finder.Look(query);
  return std::move(finder).Slips();
}

Query WithValue(Query query, const ValueSlip& slip, const std::string& value) {
  const auto all = [&](std::vector<Query>& clauses) {
    for (auto& clause : clauses) clause = WithValue(std::move(clause), slip, value);
  };
  if (auto* node = std::get_if<AllOf>(&query.node)) all(node->clauses);
  if (auto* node = std::get_if<AnyOf>(&query.node)) all(node->clauses);
  const auto named = NamedTextOf(query);
  if (!named || metadata::FoldField(*named->field) != metadata::FoldField(slip.field) || *named->text != slip.text)
    return query;
  if (auto* node = std::get_if<Compare>(&query.node)) node->value = metadata::TypeValue(value);
  if (auto* node = std::get_if<Text>(&query.node)) {
    node->text = value;
    node->match = TextMatch::kPhrase;
  }
  return query;
}

}  // namespace seshat::query
