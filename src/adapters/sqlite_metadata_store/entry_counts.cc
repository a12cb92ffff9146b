#include "adapters/sqlite_metadata_store/entry_counts.h"

namespace seshat::sqlite_metadata_store {

using search_segment::DocSet;
using search_segment::Segment;
using search_segment::SegmentField;

EntryCounts CountEntries(const SegmentField& field, const DocSet& docs, size_t members) {
  EntryCounts out;
  out.counts.resize(field.entries());
  const auto totals = field.totals();
  // What is not in the set is counted where that is less.
  if (totals.size() != field.entries() || members * 2 <= docs.docs()) {
    out.present = field.Count(docs, out.counts);
    return out;
  }
  auto others = docs;
  others.Invert();
  const size_t others_present = others.empty() ? 0 : field.Count(others, out.counts);
  for (size_t i = 0; i < totals.size(); ++i) out.counts[i] = totals[i] - std::min(totals[i], out.counts[i]);
  out.present = field.present() - std::min<size_t>(field.present(), others_present);
  return out;
}

std::vector<const SegmentField*> FindFields(const Segment& segment, const std::vector<std::string>& fields) {
  std::vector<const SegmentField*> out;
  for (const auto& name : fields)
    for (const auto* field : segment.Find(name)) out.push_back(field);
  return out;
}

}  // namespace seshat::sqlite_metadata_store
