#include "platform/search_segment/segment_query.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "platform/search_segment/value_leaf.h"

namespace seshat::search_segment {
namespace {

constexpr size_t kNotScored = std::numeric_limits<size_t>::max();

}  // namespace

struct SegmentQuery::Node {
  enum class Kind { kAll, kAnd, kOr, kNot, kCompare, kRange, kExists, kText };
  Kind kind = Kind::kAll;
  std::vector<std::unique_ptr<Node>> clauses;
  std::vector<std::string> fields;
  std::optional<Compare> compare;
  std::optional<Range> range;
  std::optional<TextLeaf> text;
  size_t scored = kNotScored;
  bool is_slow = false;  // asks the better the fewer documents are left
};

SegmentQuery::SegmentQuery() = default;
SegmentQuery::SegmentQuery(SegmentQuery&&) noexcept = default;
SegmentQuery::~SegmentQuery() = default;

Result<SegmentQuery> SegmentQuery::Make(const Query& query, const FieldAliases& aliases) {
  SegmentQuery out;
  SESHAT_ASSIGN(out.root_, out.Compile(query, aliases, 1, false));
  return out;
}

Result<std::unique_ptr<SegmentQuery::Node>> SegmentQuery::Compile(const Query& query, const FieldAliases& aliases,
                                                                  double boost, bool denied) {
  using Kind = Node::Kind;
  auto node = std::make_unique<Node>();
  boost *= query.boost;
  const auto add = [&](Kind kind, const std::vector<Query>& clauses) -> Status {
    node->kind = kind;
    for (const auto& clause : clauses) {
      SESHAT_ASSIGN(auto compiled, Compile(clause, aliases, boost, denied != (kind == Kind::kNot)));
      node->is_slow |= compiled->is_slow;
      node->clauses.push_back(std::move(compiled));
    }
    if (kind == Kind::kAnd)
      std::ranges::stable_sort(node->clauses, {}, [](const auto& clause) { return clause->is_slow; });
    return {};
  };
  if (const auto* all = std::get_if<AllOf>(&query.node)) SESHAT_TRY(add(Kind::kAnd, all->clauses));
  if (const auto* any = std::get_if<AnyOf>(&query.node)) SESHAT_TRY(add(Kind::kOr, any->clauses));
  if (const auto* no = std::get_if<Not>(&query.node)) SESHAT_TRY(add(Kind::kNot, no->clause));
  if (const auto* compare = std::get_if<Compare>(&query.node)) {
    node->kind = Kind::kCompare;
    node->compare = *compare;
    node->fields = aliases.Group(compare->field);
  }
  if (const auto* range = std::get_if<Range>(&query.node)) {
    node->kind = Kind::kRange;
    node->range = *range;
    node->fields = aliases.Group(range->field);
  }
  if (const auto* exists = std::get_if<Exists>(&query.node)) {
    node->kind = Kind::kExists;
    node->fields = aliases.Group(exists->field);
  }
  if (const auto* text = std::get_if<Text>(&query.node)) {
    node->kind = Kind::kText;
    auto fields = text->field ? aliases.Group(*text->field) : std::vector<std::string>();
    SESHAT_ASSIGN(node->text, TextLeaf::Make(*text, std::move(fields)));
    node->is_slow = node->text->is_slow();
    if (!denied) {
      node->scored = scored_.size();
      scored_.push_back({boost, node->text->words().size()});
    }
  }
  return node;
}

DocSet SegmentQuery::Run(const Segment& segment, const DocSet& live, ScoreTrace* trace) {
  if (trace != nullptr) trace->parts.resize(scored_.size());
  auto found = Evaluate(*root_, segment, live, trace);
  found.And(live);
  return found;
}

DocSet SegmentQuery::Evaluate(Node& node, const Segment& segment, const DocSet& within, ScoreTrace* trace) {
  using Kind = Node::Kind;
  DocSet found(segment.docs());
  switch (node.kind) {
    case Kind::kAll:
      found.Invert();
      break;
    case Kind::kAnd:
      found = within;
      for (const auto& clause : node.clauses) {
        // Scores count every document with a word, so all clauses are asked then.
        if (trace == nullptr && found.empty()) break;
        found.And(Evaluate(*clause, segment, found, trace));
      }
      break;
    case Kind::kOr:
      for (const auto& clause : node.clauses) found.Or(Evaluate(*clause, segment, within, trace));
      break;
    case Kind::kNot:
      found = Evaluate(*node.clauses[0], segment, within, trace);
      found.Invert();
      break;
    case Kind::kCompare:
      AddCompared(segment, node.fields, *node.compare, found);
      break;
    case Kind::kRange:
      AddInRange(segment, node.fields, *node.range, found);
      break;
    case Kind::kExists:
      AddExisting(segment, node.fields, found);
      break;
    case Kind::kText: {
      auto* part = trace == nullptr || node.scored == kNotScored ? nullptr : &trace->parts[node.scored];
      node.text->AddDocs(segment, within, found, part == nullptr ? nullptr : &part->words);
      if (part != nullptr) part->docs = found;
      break;
    }
  }
  return found;
}

}  // namespace seshat::search_segment
