#include "adapters/sqlite_metadata_store/facet_counter.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "adapters/sqlite_metadata_store/entry_counts.h"
#include "core/metadata/text_fold.h"

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::DocSet;
using search_segment::SegmentField;

using Fields = std::vector<const SegmentField*>;

class FacetCounter {
 public:
  explicit FacetCounter(const std::string& prefix) : prefix_(prefix) {}

  void Add(const Fields& fields, const DocSet& docs, size_t members) {
    if (members == 0) return;
    if (fields.empty()) {
      missing_ += members;
    } else if (fields.size() == 1 && members * kDocsPerEntry > fields[0]->entries()) {
      const auto counted = CountEntries(*fields[0], docs, members);
      missing_ += members - counted.present;
      for (uint32_t entry = 0; entry < counted.counts.size(); ++entry)
        if (counted.counts[entry] > 0) counts_[fields[0]->Entry(entry).text] += counted.counts[entry];
    } else {
      docs.ForEach([&](size_t doc) { AddDoc(fields, doc); });
    }
  }

  std::vector<FacetValue> Top(size_t most) const {
    std::vector<std::pair<std::string_view, uint64_t>> values;
    for (const auto& [text, count] : counts_)
      if (prefix_.empty() || metadata::FoldCase(text).starts_with(prefix_)) values.emplace_back(text, count);
    const size_t kept = std::min(most, values.size());
    std::ranges::partial_sort(
        values, values.begin() + static_cast<std::ptrdiff_t>(kept),
        [](const auto& a, const auto& b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
    std::vector<FacetValue> out;
    for (size_t i = 0; i < kept; ++i) out.push_back({std::string(values[i].first), values[i].second});
    return out;
  }

  uint64_t missing() const { return missing_; }

 private:
  // Where there are this many more entries than matches, looking at the matches is cheaper than at the entries.
  static constexpr size_t kDocsPerEntry = 8;

  // The same text in two fields counts once.
  void AddDoc(const Fields& fields, size_t doc) {
    texts_.clear();
    for (const auto* field : fields)
      ForEachEntryOf(*field, doc, scratch_, [&](uint32_t entry) { texts_.push_back(field->Entry(entry).text); });
    if (texts_.empty()) ++missing_;
    std::ranges::sort(texts_);
    const auto repeats = std::ranges::unique(texts_);
    texts_.erase(repeats.begin(), repeats.end());
    for (const auto text : texts_) ++counts_[text];
  }

  const std::string& prefix_;
  std::unordered_map<std::string_view, uint64_t> counts_;
  uint64_t missing_ = 0;
  std::vector<uint32_t> scratch_;
  std::vector<std::string_view> texts_;
};

}  // namespace

Facet CountFacet(const Matches& matches, const std::vector<std::string>& fields, size_t most, const std::string& prefix,
                 FieldKinds kinds) {
  FacetCounter counter(prefix);
  for (size_t s = 0; s < matches.found.size(); ++s) {
    auto parts = FindFields(*matches.view->segments[s].segment, fields);
    if (kinds == FieldKinds::kMetadataOnly)
      std::erase_if(parts, [](const auto* field) { return field->kind() != FieldKind::kMetadata; });
    counter.Add(parts, matches.found[s], matches.counts[s]);
  }
  Facet facet;
  facet.values = counter.Top(most);
  facet.missing = counter.missing();
  return facet;
}

}  // namespace seshat::sqlite_metadata_store
