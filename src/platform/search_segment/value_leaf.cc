#include "platform/search_segment/value_leaf.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/metadata/text_fold.h"
#include "core/metadata/units.h"

namespace seshat::search_segment {
namespace {

using Entries = std::vector<uint32_t>;
using Test = std::function<bool(const MetadataValue&)>;

struct Span {
  Test above;               // the lower bound
  Test below;               // the upper bound
  Test within;              // both, or what decides in their place
  bool is_a_point = false;  // few values lie between the bounds, and all are asked
  bool may_differ = false;  // a number of two meanings may satisfy one bound by the one, the other by the other
};

// Entries of one run from the first that is above the lower bound to the last that is below the upper one. Both
// tests turn once in a run, except among numbers that are near to each other there: these are asked themselves.
class RunSearch {
 public:
  RunSearch(const SegmentField& field, const RunRecord& run, const Span& span)
      : field_(field), run_(run), span_(span) {}

  void Add(Entries& entries) const {
    const auto [low_begin, low_end] = Near(
        PartitionPoint(field_, run_.begin, run_.end, [&](const ValueEntry& e) { return span_.above(e.ToValue()); }));
    const auto [high_begin, high_end] = Near(
        PartitionPoint(field_, run_.begin, run_.end, [&](const ValueEntry& e) { return !span_.below(e.ToValue()); }));
    for (uint32_t i = low_begin; i < low_end; ++i)
      if (Satisfies(i)) entries.push_back(i);
    const bool ask = span_.is_a_point || (span_.may_differ && HasTwoMeanings());
    for (uint32_t i = low_end; i < high_begin; ++i)
      if (!ask || Satisfies(i)) entries.push_back(i);
    for (uint32_t i = std::max(low_end, high_begin); i < high_end; ++i)
      if (Satisfies(i)) entries.push_back(i);
  }

 private:
  // All of a run have the same unit.
  bool HasTwoMeanings() const {
    return run_.begin < run_.end && metadata::ReadingsOf(field_.Entry(run_.begin).ToValue()).size() > 1;
  }
  bool Satisfies(uint32_t entry) const { return span_.within(field_.Entry(entry).ToValue()); }
  std::pair<uint32_t, uint32_t> Near(uint32_t at) const {
    uint32_t begin = at;
    uint32_t end = at;
    if (static_cast<ValueGroup>(run_.group) != ValueGroup::kNumber) return {begin, end};
    const auto number = [&](uint32_t i) { return field_.Entry(i).number; };
    while (begin > run_.begin && (begin == at || AreNear(number(begin - 1), number(at - 1)))) --begin;
    while (end < run_.end && (end == at || AreNear(number(end), number(at)))) ++end;
    return {begin, end};
  }

  const SegmentField& field_;
  const RunRecord& run_;
  const Span& span_;
};

void AddTyped(const SegmentField& field, const Span& span, Entries& entries) {
  for (const auto& run : field.runs()) {
    switch (static_cast<ValueGroup>(run.group)) {
      case ValueGroup::kNumberAndDate:
        for (uint32_t i = run.begin; i < run.end; ++i)
          if (span.within(field.Entry(i).ToValue())) entries.push_back(i);
        break;
      case ValueGroup::kNumber:
      case ValueGroup::kDate:
        RunSearch(field, run, span).Add(entries);
        break;
      default:
        break;
    }
  }
}

// The numbers that a text which is the same but for case may have been read as: what it begins with, or what it is
// ("1 h 30 min") however it is written.
std::vector<double> NumbersOf(std::string_view text) {
  std::vector<double> numbers;
  for (const auto& written : {std::string(text), metadata::FoldCase(text)})
    if (const auto value = metadata::TypeValue(written); value.number) numbers.push_back(*value.number);
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{}) numbers.push_back(number);
  std::ranges::sort(numbers);
  return numbers;
}

std::optional<int64_t> DateOf(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const auto value = metadata::TypeValue(upper);
  return value.date ? std::optional(value.date->time_since_epoch().count()) : std::nullopt;
}

// Adds the entries from the first for which `is_behind` holds as long as `may_be` does, where `test` says so.
template <typename Behind, typename MayBe>
void AddWhile(const SegmentField& field, const RunRecord& run, const Behind& is_behind, const MayBe& may_be,
              const Test& test, Entries& entries) {
  for (uint32_t i = PartitionPoint(field, run.begin, run.end, is_behind); i < run.end; ++i) {
    const auto entry = field.Entry(i);
    if (!may_be(entry)) return;
    if (test(entry.ToValue())) entries.push_back(i);
  }
}

// Entries whose text may be `text` but for case; `test` decides. Numbers stand by number, dates by time.
void AddAlike(const SegmentField& field, std::string_view text, const Test& test, Entries& entries) {
  const auto folded = metadata::FoldCase(text);
  const auto date = DateOf(text);
  for (const auto& run : field.runs()) {
    switch (static_cast<ValueGroup>(run.group)) {
      case ValueGroup::kNumberAndDate:
        for (uint32_t i = run.begin; i < run.end; ++i)
          if (test(field.Entry(i).ToValue())) entries.push_back(i);
        break;
      case ValueGroup::kNumber:
        for (const double number : NumbersOf(text))
          AddWhile(
              field, run, [&](const ValueEntry& e) { return e.number >= number || AreNear(e.number, number); },
              [&](const ValueEntry& e) { return AreNear(e.number, number); }, test, entries);
        break;
      case ValueGroup::kDate:
        if (date)
          AddWhile(
              field, run, [&](const ValueEntry& e) { return e.date >= *date; },
              [&](const ValueEntry& e) { return e.date == *date; }, test, entries);
        break;
      default:
        AddWhile(
            field, run, [&](const ValueEntry& e) { return e.folded >= folded; },
            [&](const ValueEntry& e) { return e.folded == folded; }, test, entries);
    }
  }
}

void AddDocsOf(const SegmentField& field, Entries& entries, DocSet& docs) {
  if (!std::ranges::is_sorted(entries)) std::ranges::sort(entries);
  const auto repeats = std::ranges::unique(entries);
  entries.erase(repeats.begin(), repeats.end());
  field.AddDocs(entries, docs);
}

bool HasUnit(const std::optional<Bound>& bound) { return bound && !bound->value.unit.empty(); }

template <typename Add>
void ForEachField(const Segment& segment, const std::vector<std::string>& fields, const Add& add) {
  for (const auto& name : fields)
    for (const auto* field : segment.Find(name)) add(*field);
}

}  // namespace

bool AreNear(double a, double b) {
  constexpr double kRelative = 1e-9;
  constexpr double kAbsolute = 1e-12;
  return std::abs(a - b) <= kAbsolute + kRelative * std::abs(b);
}

uint32_t PartitionPoint(const SegmentField& field, uint32_t begin, uint32_t end,
                        const std::function<bool(const ValueEntry&)>& is_behind) {
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    is_behind(field.Entry(middle)) ? end = middle : begin = middle + 1;
  }
  return begin;
}

void AddCompared(const Segment& segment, const std::vector<std::string>& fields, const Compare& node, DocSet& docs) {
  const Test any = [](const MetadataValue&) { return true; };
  const auto typed = [&](CompareOp op) -> Test {
    return [&node, op](const MetadataValue& value) { return query::SatisfiesTyped(value, op, node.value); };
  };
  const Test whole = [&](const MetadataValue& value) { return Satisfies(value, node.op, node.value); };
  const bool equal = node.op == CompareOp::kEqual;
  const bool below = node.op == CompareOp::kLess || node.op == CompareOp::kLessOrEqual;
  const Span span{equal   ? typed(CompareOp::kGreaterOrEqual)
                  : below ? any
                          : typed(node.op),
                  equal   ? typed(CompareOp::kLessOrEqual)
                  : below ? typed(node.op)
                          : any,
                  whole, equal};
  ForEachField(segment, fields, [&](const SegmentField& field) {
    Entries entries;
    if (equal || node.op == CompareOp::kExactly) AddAlike(field, node.value.text, whole, entries);
    if (node.op != CompareOp::kExactly) AddTyped(field, span, entries);
    AddDocsOf(field, entries, docs);
  });
}

void AddInRange(const Segment& segment, const std::vector<std::string>& fields, const Range& node, DocSet& docs) {
  const Span span{[&](const MetadataValue& value) { return query::IsWithin(value, node.low, std::nullopt); },
                  [&](const MetadataValue& value) { return query::IsWithin(value, std::nullopt, node.high); },
                  [&](const MetadataValue& value) { return query::IsWithin(value, node.low, node.high); }, false,
                  HasUnit(node.low) && HasUnit(node.high)};
  ForEachField(segment, fields, [&](const SegmentField& field) {
    Entries entries;
    AddTyped(field, span, entries);
    AddDocsOf(field, entries, docs);
  });
}

void AddExisting(const Segment& segment, const std::vector<std::string>& fields, DocSet& docs) {
  ForEachField(segment, fields, [&](const SegmentField& field) { field.AddPresent(docs); });
}

}  // namespace seshat::search_segment
