#include "core/query/highlight.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "core/metadata/text_fold.h"
#include "core/query/query_limits.h"
#include "core/query/text_match.h"

namespace seshat::query {
namespace {

using Span = Highlight::Span;

// A leaf that is not under a NOT, ready for many values.
struct Leaf {
  std::optional<std::vector<std::string>> fields;   // folded; nothing: wherever full text is
  std::function<bool(const MetadataValue&)> whole;  // a comparison
  std::optional<TextMatcher> text;
};

Result<std::vector<Leaf>> LeavesOf(const Query& query, const FieldAliases& aliases);

Result<std::vector<Leaf>> LeavesOfAll(const std::vector<Query>& clauses, const FieldAliases& aliases) {
  std::vector<Leaf> leaves;
  for (const auto& clause : clauses) {
    SESHAT_ASSIGN(auto more, LeavesOf(clause, aliases));
    std::ranges::move(more, std::back_inserter(leaves));
  }
  return leaves;
}

Result<std::vector<Leaf>> LeavesOf(const Query& query, const FieldAliases& aliases) {
  if (const auto* node = std::get_if<AllOf>(&query.node)) return LeavesOfAll(node->clauses, aliases);
  if (const auto* node = std::get_if<AnyOf>(&query.node)) return LeavesOfAll(node->clauses, aliases);
  std::vector<Leaf> leaves;
  if (const auto* node = std::get_if<Compare>(&query.node))
    leaves.push_back({aliases.Group(node->field),
                      [node](const MetadataValue& v) { return Satisfies(v, node->op, node->value); }, std::nullopt});
  if (const auto* node = std::get_if<Range>(&query.node))
    leaves.push_back({aliases.Group(node->field),
                      [node](const MetadataValue& v) { return IsWithin(v, node->low, node->high); }, std::nullopt});
  if (const auto* node = std::get_if<Text>(&query.node)) {
    SESHAT_ASSIGN(auto matcher, TextMatcher::Make(*node));
    Leaf leaf;
    if (node->field) leaf.fields = aliases.Group(*node->field);
    leaf.text = std::move(matcher);
    leaves.push_back(std::move(leaf));
  }
  return leaves;
}

// Words in a row, with at most `slop` others between: every place where they stand.
void MarkPhrases(const TextMatcher& matcher, const std::vector<PlacedWord>& words, std::vector<Span>& spans) {
  const auto& wanted = matcher.words();
  if (wanted.empty()) return;
  for (size_t start = 0; start + wanted.size() <= words.size(); ++start) {
    std::vector<Span> found;
    size_t at = start;
    size_t others = 0;
    for (size_t next = 0; next < wanted.size() && at < words.size(); ++at) {
      if (words[at].word == wanted[next]) {
        found.push_back({words[at].begin, words[at].end});
        ++next;
      } else if (next == 0 || ++others > static_cast<size_t>(matcher.slop())) {
        break;
      }
    }
    if (found.size() == wanted.size()) spans.insert(spans.end(), found.begin(), found.end());
  }
}

void Mark(const Leaf& leaf, const MetadataValue& value, std::vector<Span>& spans) {
  const Span all{0, value.text.size()};
  if (!leaf.text) {
    if (leaf.whole(value)) spans.push_back(all);
    return;
  }
  const auto& matcher = *leaf.text;
  if (!matcher.MatchesValue(value.text)) return;
  const auto words = metadata::PlacedWords(value.text);
  if (matcher.match() == TextMatch::kWord || matcher.match() == TextMatch::kPhrase)
    return MarkPhrases(matcher, words, spans);
  const size_t patterns = std::max<size_t>(matcher.words().size(), 1);
  const size_t before = spans.size();
  for (const auto& word : words)
    for (size_t i = 0; i < patterns; ++i)
      if (matcher.MatchesWord(word.word, i)) spans.push_back({word.begin, word.end});
  if (spans.size() == before) spans.push_back(all);  // the whole value, or nothing smaller
}

// In order, overlapping ones as one.
std::vector<Span> Tidy(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, [](const Span& s) { return std::pair(s.begin, s.end); });
  std::vector<Span> out;
  for (const auto& span : spans) {
    if (span.begin == span.end) continue;
    if (!out.empty() && span.begin < out.back().end) {
      out.back().end = std::max(out.back().end, span.end);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Highlight>> HighlightsOf(const Query& query, const SessionDocument& document,
                                            const FieldAliases& aliases, size_t most) {
  SESHAT_TRY(CheckQuery(query));
  SESHAT_ASSIGN(const auto leaves, LeavesOf(query, aliases));
  std::vector<Highlight> out;
  for (const auto& value : FieldValues(document)) {
    if (out.size() >= most) break;
    std::vector<Span> spans;
    for (const auto& leaf : leaves) {
      const bool looks = leaf.fields ? value.kind != FieldKind::kKeyName &&
                                           std::ranges::binary_search(*leaf.fields, metadata::FoldField(value.field))
                                     : IsFullText(value.kind, value.field);
      if (looks) Mark(leaf, value.value, spans);
    }
    spans = Tidy(std::move(spans));
    if (!spans.empty()) out.push_back({value.kind, value.field, value.value.text, std::move(spans)});
  }
  return out;
}

}  // namespace seshat::query
