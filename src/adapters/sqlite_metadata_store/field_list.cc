#include "adapters/sqlite_metadata_store/field_list.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "adapters/sqlite_metadata_store/entry_counts.h"
#include "adapters/sqlite_metadata_store/facet_counter.h"
#include "core/metadata/text_fold.h"
#include "core/query/document_fields.h"

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::DocSet;
using search_segment::SegmentField;
using search_segment::ValueGroup;

using Counts = std::map<std::string, uint64_t, std::less<>>;

std::vector<FacetValue> MostFrequent(const Counts& counts, size_t most) {
  std::vector<FacetValue> out;
  for (const auto& [value, count] : counts) out.push_back({value, count});
  std::ranges::stable_sort(out, std::ranges::greater{}, &FacetValue::count);
  if (out.size() > most) out.resize(most);
  return out;
}

struct Use {
  FieldInfo info;
  Counts units;
  Counts spellings;
};

// One segment's share of a field: a metadata key, a fixed field, or both.
class SegmentShare {
 public:
  SegmentShare(const LiveSegment& segment, Use& use) : segment_(segment), use_(use) {}

  void Add(const std::vector<const SegmentField*>& fields) {
    DocSet numbers = None(), dates = None(), booleans = None(), texts = None(), all = None();
    std::map<std::string_view, DocSet> units;
    for (const auto* field : fields) {
      field->AddPresent(all);
      for (const auto& run : field->runs()) {
        const auto first = field->Entry(run.begin);
        const bool both = first.group == ValueGroup::kNumberAndDate;
        if (first.has_number()) field->AddDocs(run.begin, run.end, numbers);
        if (first.has_number()) field->AddDocs(run.begin, run.end, units.try_emplace(first.unit, None()).first->second);
        if (first.has_date() || both) field->AddDocs(run.begin, run.end, dates);
        if (first.group == ValueGroup::kTruth) field->AddDocs(run.begin, run.end, booleans);
        if (first.group > ValueGroup::kTruth) field->AddDocs(run.begin, run.end, texts);
      }
      // A fixed field has one spelling.
      if (field->kind() == FieldKind::kFixed) Note(use_.spellings, field->name(), Present(*field));
    }
    use_.info.sessions += Live(all);
    use_.info.numbers += Live(numbers);
    use_.info.dates += Live(dates);
    use_.info.booleans += Live(booleans);
    use_.info.texts += Live(texts);
    for (const auto& [unit, docs] : units) Note(use_.units, unit, docs);
  }

  void AddSpelling(const search_segment::Spelling& spelling) {
    auto docs = None();
    spelling.docs.AddTo(docs);
    Note(use_.spellings, spelling.name, docs);
  }

 private:
  DocSet None() const { return DocSet(segment_.segment->docs()); }
  DocSet Present(const SegmentField& field) const {
    auto docs = None();
    field.AddPresent(docs);
    return docs;
  }
  uint64_t Live(DocSet docs) const {
    docs.And(*segment_.live);
    return docs.Count();
  }
  void Note(Counts& counts, std::string_view value, const DocSet& docs) const {
    const auto live = Live(docs);
    if (live > 0) counts[std::string(value)] += live;
  }

  const LiveSegment& segment_;
  Use& use_;
};

std::map<std::string, Use> CollectUses(const IndexView& view, const std::set<std::string>& wanted) {
  std::map<std::string, Use> uses;
  for (const auto& segment : view.segments) {
    std::set<std::string_view> names;
    for (const auto& field : segment.segment->fields())
      if (wanted.empty() ? field.kind() == FieldKind::kMetadata : wanted.contains(std::string(field.name())))
        names.insert(field.name());
    for (const auto name : names) {
      auto fields = segment.segment->Find(name);
      if (wanted.empty()) std::erase_if(fields, [](const auto* f) { return f->kind() == FieldKind::kFixed; });
      SegmentShare(segment, uses[std::string(name)]).Add(fields);
    }
    for (const auto& spelling : segment.segment->Spellings()) {
      const auto name = segment.segment->fields()[spelling.field].name();
      if (names.contains(name)) SegmentShare(segment, uses[std::string(name)]).AddSpelling(spelling);
    }
  }
  return uses;
}

// Top values: of the key alone where all keys are listed, else of the fixed field as well.
std::vector<FacetValue> TopValues(const IndexView& view, const std::string& name, const FieldsOptions& options) {
  Matches matches;
  matches.view = &view;
  for (const auto& segment : view.segments) matches.Add(*segment.live);
  const auto kinds = options.names.empty() ? FieldKinds::kMetadataOnly : FieldKinds::kAll;
  return CountFacet(matches, {name}, options.top_values, metadata::FoldCase(options.value_prefix), kinds).values;
}

// From the records of the segments alone, as long as nothing in them is dead.
bool HasLive(const LiveSegment& segment, const std::string& name) {
  const auto fields = segment.segment->Find(name);
  if (segment.dead == 0) return std::ranges::any_of(fields, [](const auto* field) { return field->present() > 0; });
  DocSet docs(segment.segment->docs());
  for (const auto* field : fields) field->AddPresent(docs);
  docs.And(*segment.live);
  return !docs.empty();
}

std::vector<FieldInfo> ExistingFields(const IndexView& view, const std::set<std::string>& names) {
  std::vector<FieldInfo> out;
  for (const auto& name : names)
    if (std::ranges::any_of(view.segments, [&](const auto& segment) { return HasLive(segment, name); }))
      out.push_back({.name = name});
  return out;
}

}  // namespace

std::vector<FieldInfo> ListFields(const IndexView& view, const FieldsOptions& options) {
  std::set<std::string> wanted;
  for (const auto& name : options.names) wanted.insert(metadata::FoldField(name));
  if (options.existence_only && !wanted.empty()) return ExistingFields(view, wanted);
  const auto sessions = static_cast<double>(view.sessions());
  std::vector<FieldInfo> out;
  for (auto& [name, use] : CollectUses(view, wanted)) {
    if (use.info.sessions == 0) continue;
    const auto spelling = MostFrequent(use.spellings, 1);
    use.info.name = spelling.empty() ? name : spelling[0].value;
    use.info.coverage = static_cast<double>(use.info.sessions) / sessions;
    use.info.units = MostFrequent(use.units, metadata::kMaxFieldUnits);
    if (options.top_values > 0) use.info.top_values = TopValues(view, name, options);
    out.push_back(std::move(use.info));
  }
  std::ranges::sort(out, {}, &FieldInfo::name);
  return out;
}

}  // namespace seshat::sqlite_metadata_store
