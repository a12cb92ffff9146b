#include "adapters/sqlite_metadata_store/field_order.h"

#include <algorithm>

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::DocSet;
using search_segment::Segment;
using search_segment::SegmentField;
using search_segment::ValueGroup;

// The part of a key that values decide.
int CompareValues(const SortKey& a, const SortKey& b, bool descending) {
  SortKey left = a;
  SortKey right = b;
  left.started_at = right.started_at = {};
  left.session_id.clear();
  right.session_id.clear();
  return ComesBefore(left, right, descending) ? -1 : ComesBefore(right, left, descending) ? 1 : 0;
}

class FieldOrder {
 public:
  FieldOrder(const Matches& matches, size_t segment, bool descending, const std::optional<SortKey>& after, size_t limit)
      : segment_(*matches.view->segments[segment].segment),
        number_(segment),
        left_(matches.found[segment]),
        matches_count_(matches.counts[segment]),
        descending_(descending),
        after_(after),
        limit_(limit) {}

  std::vector<OrderedRow> Run(const std::vector<const SegmentField*>& fields) {
    if (fields.size() == 1 && matches_count_ > kFewDocs) {
      ByEntries(*fields[0]);
    } else {
      ByDocs(fields);
    }
    return std::move(rows_);
  }

 private:
  // So few are sorted one by one.
  static constexpr size_t kFewDocs = 100;

  SortKey ValueKey(const SegmentField& field, uint32_t entry) const {
    SortKey key;
    key.Offer(field.Entry(entry).ToValue(), descending_);
    return key;
  }

  SortKey KeyOf(const std::vector<const SegmentField*>& fields, size_t doc) const {
    SortKey key = NewestKey(segment_, doc);
    std::vector<uint32_t> entries;
    for (const auto* field : fields) {
      entries.clear();
      field->EntriesOf(doc, entries);
      for (const uint32_t entry : entries) key.Offer(field->Entry(entry).ToValue(), descending_);
    }
    return key;
  }

  // False: it is not behind the cursor.
  bool Add(const std::vector<const SegmentField*>& fields, size_t doc) {
    auto key = KeyOf(fields, doc);
    if (after_ && !ComesBefore(*after_, key, descending_)) return false;
    rows_.push_back({{number_, doc}, std::move(key)});
    return true;
  }

  void ByDocs(const std::vector<const SegmentField*>& fields) {
    DocSet with(segment_.docs());
    for (const auto* field : fields) field->AddPresent(with);
    with.And(left_);
    with.ForEach([&](size_t doc) { Add(fields, doc); });
    left_.AndNot(with);
    AddMissing(fields);
  }

  // Those without the field, newest first.
  void AddMissing(const std::vector<const SegmentField*>& fields) {
    size_t added = 0;
    for (size_t doc = left_.Next(0); doc < left_.docs() && added < limit_; doc = left_.Next(doc + 1))
      if (Add(fields, doc)) ++added;
  }

  // In the order of their values; entries nobody has among the matches are left out.
  std::vector<uint32_t> OrderedEntries(const SegmentField& field, const std::vector<uint32_t>& counts) const {
    std::vector<uint32_t> entries;
    unsigned runs[6] = {};
    for (const auto& run : field.runs()) {
      ++runs[run.group];
      for (uint32_t i = run.begin; i < run.end; ++i)
        if (counts[i] > 0) entries.push_back(i);
    }
    const auto runs_of = [&](ValueGroup group) { return runs[static_cast<size_t>(group)]; };
    const bool sorted =
        runs_of(ValueGroup::kNumberAndDate) == 0 && runs_of(ValueGroup::kNumber) <= 1 &&
        runs_of(ValueGroup::kTruth) + runs_of(ValueGroup::kAsciiText) + runs_of(ValueGroup::kOtherText) <= 1;
    if (sorted && !descending_) return entries;
    if (sorted) {
      // Numbers stay before dates before texts.
      std::vector<uint32_t> out;
      for (const auto& run : field.runs()) {
        const auto begin = std::ranges::lower_bound(entries, run.begin);
        const auto end = std::ranges::lower_bound(entries, run.end);
        out.insert(out.end(), std::make_reverse_iterator(end), std::make_reverse_iterator(begin));
      }
      return out;
    }
    std::vector<std::pair<SortKey, uint32_t>> keyed;
    for (const uint32_t entry : entries) keyed.emplace_back(ValueKey(field, entry), entry);
    std::ranges::stable_sort(keyed,
                             [&](const auto& a, const auto& b) { return ComesBefore(a.first, b.first, descending_); });
    entries.clear();
    for (const auto& [key, entry] : keyed) entries.push_back(entry);
    return entries;
  }

  void ByEntries(const SegmentField& field) {
    std::vector<uint32_t> counts(field.entries());
    field.Count(left_, counts);
    const auto order = OrderedEntries(field, counts);
    size_t at = 0;
    if (after_) {
      const auto behind = std::ranges::partition_point(
          order, [&](uint32_t entry) { return CompareValues(ValueKey(field, entry), *after_, descending_) < 0; });
      at = static_cast<size_t>(behind - order.begin());
    }
    // A document with several values stands where its first one does.
    Take(field, std::span(order).first(at));
    while (at < order.size() && rows_.size() < limit_) at = AddNextEntries(field, order, at, counts);
    if (at < order.size()) return;
    DocSet with(segment_.docs());
    field.AddPresent(with);
    left_.AndNot(with);
    AddMissing({&field});
  }

  // The documents of these entries, which are then no longer left.
  DocSet Take(const SegmentField& field, std::span<const uint32_t> some) {
    std::vector<uint32_t> entries(some.begin(), some.end());
    std::ranges::sort(entries);
    DocSet docs(segment_.docs());
    field.AddDocs(entries, docs);
    docs.And(left_);
    left_.AndNot(docs);
    return docs;
  }

  // Either entries that few documents have, together; or all entries that are alike, of which only the newest
  // documents are wanted. Answers where the next ones begin.
  size_t AddNextEntries(const SegmentField& field, const std::vector<uint32_t>& order, size_t at,
                        const std::vector<uint32_t>& counts) {
    size_t end = at;
    size_t docs = 0;
    while (end < order.size() && docs + counts[order[end]] <= limit_) docs += counts[order[end++]];
    const bool alike = end == at;
    if (alike) ++end;
    const auto last = ValueKey(field, order[end - 1]);
    while (end < order.size() && CompareValues(last, ValueKey(field, order[end]), descending_) == 0) ++end;
    const auto taken = Take(field, std::span(order).subspan(at, end - at));
    size_t added = 0;
    for (size_t doc = taken.Next(0); doc < taken.docs() && (!alike || added < limit_); doc = taken.Next(doc + 1))
      if (Add({&field}, doc)) ++added;
    return end;
  }

  const Segment& segment_;
  size_t number_;
  DocSet left_;
  size_t matches_count_;
  bool descending_;
  const std::optional<SortKey>& after_;
  size_t limit_;
  std::vector<OrderedRow> rows_;
};

}  // namespace

std::vector<OrderedRow> OrderByField(const Matches& matches, size_t segment, const std::vector<std::string>& fields,
                                     bool descending, const std::optional<SortKey>& after, size_t limit) {
  std::vector<const SegmentField*> parts;
  for (const auto& name : fields)
    for (const auto* field : matches.view->segments[segment].segment->Find(name)) parts.push_back(field);
  auto rows = FieldOrder(matches, segment, descending, after, limit).Run(parts);
  std::ranges::sort(rows,
                    [&](const OrderedRow& a, const OrderedRow& b) { return ComesBefore(a.key, b.key, descending); });
  return rows;
}

}  // namespace seshat::sqlite_metadata_store
