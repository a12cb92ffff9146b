#include "adapters/opensearch/hits.h"

#include <fmt/format.h>

#include <utility>

#include "adapters/opensearch/aggregations.h"
#include "adapters/opensearch/document_writer.h"
#include "adapters/opensearch/index_terms.h"
#include "core/records/json_fields.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

constexpr std::string_view kNewest = R"({"started_ns":"desc"},{"session_id":"asc"})";

std::string NestedSort(std::string_view field, bool descending, std::string_view filter) {
  return fmt::format(
      R"({{"meta.{}":{{"order":"{}","mode":"{}","missing":"_last","nested":{{"path":"meta","filter":{}}}}}}},)", field,
      descending ? "desc" : "asc", descending ? "max" : "min", filter);
}

}  // namespace

Result<SessionDocument> ReadSource(const bj::value& source) {
  const auto& doc = Inside(source, {"doc"});
  std::string text;
  if (doc.is_array()) {
    for (const auto& piece : doc.as_array())
      if (piece.is_string()) text += std::string_view(piece.as_string());
  }
  return query::DecodeSessionDocument(text);
}

Result<Hits> ReadHits(const std::string& answer) {
  SESHAT_ASSIGN(auto value, json::Parse(answer, "OpenSearch's answer to a search"));
  Hits out;
  const auto& total = Inside(value, {"hits", "total", "value"});
  const auto& hits = Inside(value, {"hits", "hits"});
  if (!total.is_number() || !hits.is_array())
    return Fail(ErrorCode::kDataLoss, "OpenSearch's answer to a search has no hits");
  out.total = total.to_number<uint64_t>();
  for (const auto& hit : hits.as_array()) {
    SESHAT_ASSIGN(auto document, ReadSource(Inside(hit, {"_source"})));
    const auto& score = Inside(hit, {"_score"});
    out.hits.push_back({std::move(document), score.is_number() ? score.to_number<double>() : 0});
  }
  if (auto* aggregations = value.as_object().if_contains("aggregations")) out.aggregations = std::move(*aggregations);
  return out;
}

std::string SortJson(const SortOrder& sort, SortKey::Group group, const std::string& field_filter) {
  if (sort.by == SortOrder::By::kRelevance) return fmt::format(R"([{{"_score":"desc"}},{}])", kNewest);
  std::string first;
  if (sort.by == SortOrder::By::kField && group == SortKey::Group::kNumber)
    first = NestedSort("c", sort.descending, field_filter);
  if (sort.by == SortOrder::By::kField && group == SortKey::Group::kDate)
    first = NestedSort("e", sort.descending, field_filter);
  if (sort.by == SortOrder::By::kField && group == SortKey::Group::kText)
    first = NestedSort("s", sort.descending, field_filter);
  return fmt::format("[{}{}]", first, kNewest);
}

std::string AfterJson(const SortOrder& sort, const SortKey& key) {
  std::string out = "[";
  const bool by_number = sort.by == SortOrder::By::kRelevance ||
                         (sort.by == SortOrder::By::kField && key.group == SortKey::Group::kNumber);
  if (by_number) {
    out += fmt::format("{},", key.number);
  } else if (sort.by == SortOrder::By::kField && key.group == SortKey::Group::kDate) {
    out += fmt::format("{},", key.date.time_since_epoch().count());
  } else if (sort.by == SortOrder::By::kField && key.group == SortKey::Group::kText) {
    AppendJsonString(out, SortTerm(key.text));
    out += ',';
  }
  out += fmt::format("{},", key.started_at.time_since_epoch().count());
  AppendJsonString(out, key.session_id);
  return out + "]";
}

}  // namespace seshat::opensearch
