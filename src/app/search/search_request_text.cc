#include "app/search/search_request_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/document_fields.h"
#include "core/query_parser.h"

namespace seshat::app {

Status CheckFields(MetadataStore& index, const std::vector<std::string>& names) {
  std::vector<std::string> wanted;
  for (const std::string& name : names) {
    const std::string folded = FoldField(name);
    const bool fixed =
        std::ranges::any_of(FixedFields(), [&](auto fixed_name) { return fixed_name == folded; });
    if (!fixed) wanted.push_back(name);
  }
  if (wanted.empty()) return {};
  SESHAT_ASSIGN(const std::vector<FieldInfo> found, index.Fields({.names = wanted}));
  std::set<std::string> folded;
  for (const FieldInfo& field : found) folded.insert(FoldField(field.name));
  for (const std::string& name : wanted) {
    if (folded.contains(FoldField(name))) continue;
    SESHAT_ASSIGN(const std::vector<FieldInfo> all, index.Fields({}));
    std::vector<std::string> known;
    for (const FieldInfo& field : all) known.push_back(field.name);
    const auto near = SuggestFields(name, known, 1);
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("no session has a field '{}'{}; seshat fields lists them", name,
                            near.empty() ? "" : fmt::format("; did you mean '{}'?", near.front())));
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
  SESHAT_TRY(CheckHistogram(request));
  return request;
}

Status ChooseAxes(MetadataStore& index, SearchRequest& request) {
  for (HistogramRequest& histogram : request.histograms) {
    SESHAT_ASSIGN(const std::vector<FieldInfo> found, index.Fields({.names = {histogram.field}}));
    const FieldInfo info = found.empty() ? FieldInfo{} : found.front();
    if (info.numbers + info.dates == 0)
      return Fail(
          ErrorCode::kInvalidArgument,
          fmt::format("no session has a number or a date in '{}': there is nothing to draw a histogram of",
                      histogram.field));
    histogram.of = info.dates > info.numbers ? HistogramRequest::Of::kDates : HistogramRequest::Of::kNumbers;
    if (histogram.of == HistogramRequest::Of::kNumbers && !info.units.empty())
      histogram.unit = info.units.front().value;
  }
  return {};
}

Result<SearchRequest> RequestOfText(const std::string& text, MetadataStore& index) {
  auto query = ParseQuery(text);
  if (!query) return std::unexpected(query.error().ToError(text));
  SESHAT_TRY(CheckFields(index, FieldsOf(*query)));
  return SearchRequest{.query = std::move(*query)};
}

Result<SortOrder> ParseSort(const std::string& text) {
  if (text == "newest") return SortOrder{};
  if (text == "relevance") return SortOrder{.by = SortOrder::By::kRelevance};
  SortOrder sort{.by = SortOrder::By::kField, .field = text};
  if (sort.field.ends_with(":desc")) {
    sort.descending = true;
    sort.field.resize(sort.field.size() - 5);
  } else if (sort.field.starts_with('-')) {
    sort.descending = true;
    sort.field.erase(0, 1);
  }
  if (sort.field.empty())
    return Fail(ErrorCode::kInvalidArgument, "--sort wants newest, relevance, FIELD or -FIELD");
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

}  // namespace seshat::app
