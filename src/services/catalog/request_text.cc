#include "services/catalog/request_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/base/utf8.h"
#include "core/query/did_you_mean.h"
#include "core/query/document_fields.h"
#include "core/query/query_hints.h"
#include "core/query/query_parser.h"

namespace seshat::catalog {

Status CheckFields(MetadataStore& index, const std::vector<std::string>& names,
                   const std::vector<FieldAlias>& aliases) {
  SESHAT_ASSIGN(const auto groups, FieldAliases::Make(aliases));
  const auto is_fixed = [](const std::string& folded) {
    return std::ranges::find(query::FixedFields(), folded) != query::FixedFields().end();
  };
  std::vector<std::string> wanted;
  FieldsOptions options{.existence_only = true};
  for (const std::string& name : names) {
    const auto group = groups.Group(name);
    if (std::ranges::any_of(group, is_fixed)) continue;
    wanted.push_back(name);
    options.names.insert(options.names.end(), group.begin(), group.end());
  }
  if (wanted.empty()) return {};
  SESHAT_ASSIGN(const std::vector<FieldInfo> found, index.Fields(options));
  std::set<std::string> folded;
  for (const FieldInfo& field : found) folded.insert(metadata::FoldField(field.name));
  for (const std::string& name : wanted) {
    if (std::ranges::any_of(groups.Group(name), [&](const auto& member) { return folded.contains(member); })) continue;
    SESHAT_ASSIGN(const std::vector<FieldInfo> all, index.Fields({}));
    std::vector<std::string> known;
    for (const FieldInfo& field : all) known.push_back(field.name);
    for (const FieldAlias& alias : aliases) known.push_back(alias.name);
    auto hint = query::HintForFieldName(name);
    if (hint.empty())
      if (const auto near = query::SuggestFields(name, known, 1); !near.empty())
        hint = fmt::format("did you mean '{}'?", near.front());
    return Fail(ErrorCode::kInvalidArgument, fmt::format("no session has a field '{}'{}{}; seshat fields lists them",
                                                         EscapeForTerminal(name), hint.empty() ? "" : "; ", hint));
  }
  return {};
}

Result<HistogramRequest> ParseHistogram(std::string_view text) {
  HistogramRequest request{.field = std::string(text)};
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return request;
  const std::string_view number = text.substr(colon + 1);
  size_t buckets = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), buckets);
  if (error != std::errc{} || end != number.data() + number.size()) return request;
  request.field = text.substr(0, colon);
  request.buckets = buckets;
  SESHAT_TRY(query::CheckHistogram(request));
  return request;
}

Status ChooseAxes(MetadataStore& index, SearchRequest& request) {
  SESHAT_ASSIGN(const auto groups, FieldAliases::Make(request.aliases));
  for (HistogramRequest& histogram : request.histograms) {
    SESHAT_ASSIGN(const std::vector<FieldInfo> found, index.Fields({.names = groups.Group(histogram.field)}));
    uint64_t numbers = 0, dates = 0, most = 0;
    for (const FieldInfo& info : found) {
      numbers += info.numbers;
      dates += info.dates;
      // Numbers without a unit take that of the others.
      for (const FacetValue& unit : info.units) {
        if (unit.value.empty() || unit.count <= most) continue;
        most = unit.count;
        histogram.unit = unit.value;
      }
    }
    if (numbers + dates == 0)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("no session has a number or a date in '{}': there is nothing to draw a histogram of",
                              histogram.field));
    if (dates <= numbers) continue;
    histogram.of = HistogramRequest::Of::kDates;
    histogram.unit.clear();
  }
  return {};
}

Result<SearchRequest> RequestOfText(const std::string& text, const SearchSettings& settings, MetadataStore& index) {
  auto query = query::ParseQuery(text, settings.parse);
  if (!query) return std::unexpected(query.error().ToError(text));
  SESHAT_TRY(CheckFields(index, FieldsOf(*query), settings.aliases));
  return SearchRequest{.query = std::move(*query), .aliases = settings.aliases};
}

std::optional<SortOrder> ParseSort(const std::string& text) {
  if (text == "newest") return SortOrder{};
  if (text == "relevance") return SortOrder{.by = SortOrder::By::kRelevance};
  constexpr std::string_view kDescending = ":desc";
  SortOrder sort{.by = SortOrder::By::kField, .field = text};
  if (sort.field.ends_with(kDescending)) {
    sort.descending = true;
    sort.field.resize(sort.field.size() - kDescending.size());
  } else if (sort.field.starts_with('-')) {
    sort.descending = true;
    sort.field.erase(0, 1);
  }
  if (sort.field.empty()) return std::nullopt;
  return sort;
}

std::vector<std::string> SplitNames(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  const auto finish = [&] {
    if (!name.empty()) names.push_back(std::move(name));
    name.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      name += text[++i];
    } else if (text[i] == ',') {
      finish();
    } else {
      name += text[i];
    }
  }
  finish();
  return names;
}

}  // namespace seshat::catalog
