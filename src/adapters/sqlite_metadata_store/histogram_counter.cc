// CountBars of facet_counter.h.
#include <algorithm>
#include <set>

#include "adapters/sqlite_metadata_store/entry_counts.h"
#include "adapters/sqlite_metadata_store/facet_counter.h"
#include "platform/search_segment/value_leaf.h"

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::DocSet;
using search_segment::RunRecord;
using search_segment::SegmentField;
using search_segment::ValueGroup;

constexpr int32_t kOffAxis = -2;  // of another kind than the histogram
constexpr int32_t kOutside = -1;  // beyond its edges

// The bar of each entry. In a run of numbers or dates bars only rise, except among numbers that are near to each
// other, so most entries are never read.
class BarsOfEntries {
 public:
  BarsOfEntries(const HistogramRequest& request, const std::vector<MetadataValue>& edges, const SegmentField& field)
      : request_(request), edges_(edges), field_(field), bars_(field.entries(), kOffAxis) {
    for (const auto& run : field.runs()) {
      const auto group = static_cast<ValueGroup>(run.group);
      if (run.begin == run.end || group > ValueGroup::kDate) continue;
      if (group == ValueGroup::kNumberAndDate) {
        for (uint32_t i = run.begin; i < run.end; ++i) bars_[i] = BarOfEntry(i);
      } else if (BarOfEntry(run.begin) != kOffAxis) {
        Fill(run.begin, run.end - 1, Rank(run.begin), Rank(run.end - 1));
      }
    }
  }

  int32_t operator[](size_t entry) const { return bars_[entry]; }

 private:
  int32_t BarOfEntry(uint32_t entry) const {
    const auto value = field_.Entry(entry).ToValue();
    if (!query::IsOnAxis(request_, value)) return kOffAxis;
    const auto bar = query::BarOf(edges_, value);
    return bar ? static_cast<int32_t>(*bar) : kOutside;
  }
  // As BarOfEntry, with what lies behind the last edge told from what lies before the first.
  int32_t Rank(uint32_t entry) const {
    const auto bar = BarOfEntry(entry);
    if (bar != kOutside || edges_.empty()) return bar;
    const bool behind = query::Satisfies(field_.Entry(entry).ToValue(), CompareOp::kGreaterOrEqual, edges_.front());
    return behind ? static_cast<int32_t>(edges_.size()) : kOutside;
  }
  void Set(uint32_t entry, int32_t rank) {
    bars_[entry] = rank >= static_cast<int32_t>(edges_.size()) ? kOutside : rank;
  }
  // Entries first to last, both included.
  void Fill(uint32_t first, uint32_t last, int32_t first_rank, int32_t last_rank) {
    const auto a = field_.Entry(first);
    const auto b = field_.Entry(last);
    const bool near = a.has_number() && first != last && search_segment::AreNear(a.number, b.number);
    if (near || last - first < 2) {
      for (uint32_t i = first; i <= last; ++i) Set(i, Rank(i));
    } else if (first_rank == last_rank) {
      for (uint32_t i = first; i <= last; ++i) Set(i, first_rank);
    } else {
      const uint32_t middle = first + (last - first) / 2;
      const auto rank = Rank(middle);
      Fill(first, middle, first_rank, rank);
      Fill(middle, last, rank, last_rank);
    }
  }

  const HistogramRequest& request_;
  const std::vector<MetadataValue>& edges_;
  const SegmentField& field_;
  std::vector<int32_t> bars_;
};

// The extremes of what matches have: of each run its first and its last entry that one of them has.
void AddExtent(const SegmentField& field, const std::vector<uint32_t>& counts, HistogramExtent& extent) {
  const auto add = [&](uint32_t entry) { extent.Add(field.Entry(entry).ToValue()); };
  for (const auto& run : field.runs()) {
    const auto group = static_cast<ValueGroup>(run.group);
    if (group > ValueGroup::kDate) continue;
    uint32_t begin = run.begin;
    uint32_t end = run.end;
    while (begin < end && counts[begin] == 0) ++begin;
    while (begin < end && counts[end - 1] == 0) --end;
    if (begin == end) continue;
    if (group == ValueGroup::kNumberAndDate) {
      for (uint32_t i = begin; i < end; ++i)
        if (counts[i] > 0) add(i);
    } else {
      add(begin);
      add(end - 1);
    }
  }
}

class BarCounter {
 public:
  BarCounter(const Matches& matches, const std::vector<std::string>& fields, const HistogramRequest& request)
      : matches_(matches), request_(request) {
    for (size_t s = 0; s < matches.found.size(); ++s) {
      auto& parts = parts_.emplace_back();
      if (matches.counts[s] == 0) continue;
      for (const auto* field : FindFields(*matches.view->segments[s].segment, fields))
        parts.push_back({field, CountEntries(*field, matches.found[s], matches.counts[s]).counts});
    }
  }

  Histogram Count() {
    HistogramExtent extent(request_);
    for (const auto& parts : parts_)
      for (const auto& part : parts) AddExtent(*part.field, part.counts, extent);
    histogram_.field = request_.field;
    histogram_.edges = extent.Edges();
    if (!histogram_.edges.empty()) histogram_.counts.resize(histogram_.edges.size() - 1);
    for (size_t s = 0; s < parts_.size(); ++s) CountSegment(parts_[s], matches_.found[s]);
    return std::move(histogram_);
  }

 private:
  struct Part {
    const SegmentField* field;
    std::vector<uint32_t> counts;
  };

  void CountSegment(const std::vector<Part>& parts, const DocSet& docs) {
    std::vector<BarsOfEntries> bars;
    for (const auto& part : parts) bars.emplace_back(request_, histogram_.edges, *part.field);
    if (parts.size() != 1 || parts[0].field->has_several_values()) {
      docs.ForEach([&](size_t doc) { CountDoc(parts, bars, doc); });
      return;
    }
    size_t on_axis = 0;
    for (size_t entry = 0; entry < parts[0].counts.size(); ++entry) {
      if (bars[0][entry] == kOffAxis) continue;
      on_axis += parts[0].counts[entry];
      if (bars[0][entry] >= 0) histogram_.counts[static_cast<size_t>(bars[0][entry])] += parts[0].counts[entry];
    }
    histogram_.missing += docs.Count() - on_axis;
  }

  void CountDoc(const std::vector<Part>& parts, const std::vector<BarsOfEntries>& bars, size_t doc) {
    bool missing = true;
    std::set<int32_t> hit;
    for (size_t p = 0; p < parts.size(); ++p)
      ForEachEntryOf(*parts[p].field, doc, scratch_, [&](uint32_t entry) {
        const auto bar = bars[p][entry];
        if (bar != kOffAxis) missing = false;
        if (bar >= 0) hit.insert(bar);
      });
    if (missing) ++histogram_.missing;
    for (const auto bar : hit) ++histogram_.counts[static_cast<size_t>(bar)];
  }

  const Matches& matches_;
  const HistogramRequest& request_;
  std::vector<std::vector<Part>> parts_;  // by segment
  Histogram histogram_;
  std::vector<uint32_t> scratch_;
};

}  // namespace

Histogram CountBars(const Matches& matches, const std::vector<std::string>& fields, const HistogramRequest& request) {
  return BarCounter(matches, fields, request).Count();
}

}  // namespace seshat::sqlite_metadata_store
