#include "ports/field_collector.h"

#include <algorithm>
#include <utility>

#include "core/metadata/text_fold.h"

namespace seshat {
namespace {

std::vector<FacetValue> MostFrequent(const std::map<std::string, uint64_t>& counts, size_t most) {
  std::vector<FacetValue> out;
  for (const auto& [value, count] : counts) out.push_back({value, count});
  std::ranges::stable_sort(out, std::ranges::greater{}, &FacetValue::count);
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace

FieldCollector::FieldCollector(FieldsOptions options) : options_(std::move(options)) {
  for (const auto& name : options_.names) wanted_.insert(metadata::FoldField(name));
  options_.value_prefix = metadata::FoldCase(options_.value_prefix);
}

void FieldCollector::Add(const SessionDocument& document) {
  ++sessions_;
  const auto values = query::FieldValues(document);
  std::map<std::string, std::vector<const FieldValue*>> by_field;
  for (const auto& value : values) {
    if (value.kind == FieldKind::kKeyName || (wanted_.empty() && value.kind == FieldKind::kFixed)) continue;
    auto folded = metadata::FoldField(value.field);
    if (wanted_.empty() || wanted_.contains(folded)) by_field[std::move(folded)].push_back(&value);
  }
  for (const auto& [folded, of_field] : by_field) AddField(folded, of_field);
}

void FieldCollector::AddField(const std::string& folded, const std::vector<const FieldValue*>& values) {
  std::set<std::string> spellings;
  std::set<std::string> units;
  std::set<std::string> texts;
  bool number = false, date = false, boolean = false, text = false;
  for (const auto* field_value : values) {
    const auto& value = field_value->value;
    spellings.insert(field_value->field);
    if (value.number) units.insert(value.unit);
    texts.insert(value.text);
    number |= value.number.has_value();
    date |= value.date.has_value();
    boolean |= value.boolean.has_value();
    text |= !value.number && !value.date && !value.boolean;
  }
  auto& use = uses_[folded];
  for (const auto& spelling : spellings) ++use.spellings[spelling];
  for (const auto& unit : units) ++use.units[unit];
  use.info.sessions += 1;
  use.info.numbers += number ? 1 : 0;
  use.info.dates += date ? 1 : 0;
  use.info.booleans += boolean ? 1 : 0;
  use.info.texts += text ? 1 : 0;
  if (options_.top_values == 0) return;
  for (const auto& value : texts)
    if (metadata::FoldCase(value).starts_with(options_.value_prefix)) ++use.values[value];
}

std::vector<FieldInfo> FieldCollector::Fields() && {
  std::vector<FieldInfo> out;
  for (auto& [folded, use] : uses_) {
    use.info.name = MostFrequent(use.spellings, 1)[0].value;
    use.info.coverage = static_cast<double>(use.info.sessions) / static_cast<double>(sessions_);
    use.info.units = MostFrequent(use.units, metadata::kMaxFieldUnits);
    use.info.top_values = MostFrequent(use.values, options_.top_values);
    out.push_back(std::move(use.info));
  }
  std::ranges::sort(out, {}, &FieldInfo::name);
  return out;
}

}  // namespace seshat
