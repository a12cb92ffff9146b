#include "adapters/opensearch/aggregations.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "adapters/opensearch/query_compiler.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

// "name": the values that `filter` lets through, and what `inner` says of them; for OverValues.
std::string OfValues(std::string_view name, std::string_view filter, std::string_view inner) {
  return fmt::format(R"("{}":{{"filter":{},"aggs":{{{}}}}})", name, filter, inner);
}

// All of them in one walk over the values: there are forty of a session's, and walking takes most of the time.
std::string OverValues(std::string_view parts) {
  return parts.empty() ? "" : fmt::format(R"("values":{{"nested":{{"path":"meta"}},"aggs":{{{}}}}})", parts);
}

std::string Both(std::string_view a, std::string_view b) {
  return fmt::format(R"({{"bool":{{"filter":[{},{}]}}}})", a, b);
}

// The value that comes first by `field`. A metric like "min" would lose digits of large integers.
std::string FirstBy(std::string_view field, std::string_view order) {
  return fmt::format(R"({{"top_hits":{{"size":1,"_source":false,"docvalue_fields":["meta.n","meta.i","meta.e"],)"
                     R"("sort":[{{"meta.{}":"{}"}}]}}}})",
                     field, order);
}

// Numbers have an order within one unit; which of two units has the larger number, the conversion says.
constexpr int kMaxUnits = 1'000;

std::string ExtentJson(const HistogramRequest& histogram) {
  const auto both = [](std::string_view field) {
    return fmt::format(R"("least":{},"most":{})", FirstBy(field, "asc"), FirstBy(field, "desc"));
  };
  if (histogram.of == HistogramRequest::Of::kDates) return fmt::format("{},{}", kSessions, both("e"));
  return fmt::format(R"({},"units":{{"terms":{{"field":"meta.u","size":{}}},"aggs":{{{}}}}})", kSessions, kMaxUnits,
                     both("n"));
}

// The value that FirstBy has found.
std::optional<MetadataValue> ReadFirstBy(const bj::value& aggregation) {
  const auto& hits = Inside(aggregation, {"hits", "hits"});
  if (!hits.is_array() || hits.as_array().empty()) return std::nullopt;
  const auto field = [&](std::string_view name) -> const bj::value& {
    static const bj::value nothing;
    const auto& values = Inside(hits.as_array()[0], {"fields", name});
    return values.is_array() && !values.as_array().empty() ? values.as_array()[0] : nothing;
  };
  MetadataValue value;
  if (field("meta.n").is_number()) value.number = field("meta.n").to_number<double>();
  if (field("meta.i").is_int64()) value.integer = field("meta.i").as_int64();
  if (field("meta.e").is_int64()) value.date = Timestamp{std::chrono::nanoseconds{field("meta.e").as_int64()}};
  return value;
}

void AddExtremes(const bj::value& of, const std::string& unit, HistogramExtent& extent) {
  for (const auto* name : {"least", "most"}) {
    auto value = ReadFirstBy(Inside(of, {name}));
    if (!value) continue;
    if (value->number) value->unit = unit;
    extent.Add(*value);
  }
}

// Bar `bar` as a range of the query language; the last one has its upper edge.
std::string BarFilter(const std::vector<MetadataValue>& edges, size_t bar) {
  return RangeFilter(Bound{edges[bar], true}, Bound{edges[bar + 1], bar + 2 == edges.size()});
}

}  // namespace

std::string CountedTerms(std::string_view field, size_t size) {
  return fmt::format(
      R"({{"terms":{{"field":"{}","size":{},"order":[{{"sessions":"desc"}},{{"_key":"asc"}}]}},"aggs":{{{}}}}})", field,
      size, kSessions);
}

std::vector<FacetValue> ReadCountedTerms(const bj::value& aggregation) {
  std::vector<FacetValue> out;
  const auto& buckets = Inside(aggregation, {"buckets"});
  if (!buckets.is_array()) return out;
  for (const auto& bucket : buckets.as_array()) {
    const auto& key = Inside(bucket, {"key"});
    if (key.is_string()) out.push_back({std::string(key.as_string()), ReadSessions(bucket)});
  }
  return out;
}

uint64_t ReadSessions(const bj::value& aggregation) {
  const auto& count = Inside(aggregation, {"sessions", "doc_count"});
  return count.is_number() ? count.to_number<uint64_t>() : 0;
}

const bj::value& Inside(const bj::value& value, std::initializer_list<std::string_view> names) {
  static const bj::value nothing;
  const auto* at = &value;
  for (const auto name : names) {
    const auto* object = at->if_object();
    at = object != nullptr ? object->if_contains(bj::string_view(name.data(), name.size())) : nullptr;
    if (at == nullptr) return nothing;
  }
  return *at;
}

std::string Aggregations::First() const {
  std::string having;
  std::string values;
  const auto add = [](std::string& out, const std::string& part) {
    if (!out.empty() && !part.empty()) out += ',';
    out += part;
  };
  for (size_t i = 0; i < request_.facets.size(); ++i) {
    const auto group = aliases_.Group(request_.facets[i]);
    if (request_.facet_values > 0)
      add(values, OfValues(fmt::format("facet{}", i), FieldFilter(group),
                           R"("of":)" + CountedTerms("meta.x", request_.facet_values)));
    add(having, fmt::format(R"("having{}":{{"filter":{}}})", i, ExistsFilter(group)));
  }
  for (size_t i = 0; i < request_.histograms.size(); ++i) {
    const auto& histogram = request_.histograms[i];
    const auto filter = Both(FieldFilter(aliases_.Group(histogram.field)), AxisFilter(histogram));
    add(values, OfValues(fmt::format("extent{}", i), filter, ExtentJson(histogram)));
  }
  add(having, OverValues(values));
  return having;
}

Status Aggregations::ReadFirst(const bj::value& aggregations, uint64_t total) {
  for (size_t i = 0; i < request_.facets.size(); ++i) {
    const auto name = fmt::format("facet{}", i);
    const auto& having = Inside(aggregations, {fmt::format("having{}", i), "doc_count"});
    if (!having.is_number()) return Fail(ErrorCode::kInternal, "OpenSearch's answer lacks a facet");
    facets.push_back({request_.facets[i], ReadCountedTerms(Inside(aggregations, {"values", name, "of"})),
                      total - having.to_number<uint64_t>()});
  }
  for (size_t i = 0; i < request_.histograms.size(); ++i) {
    const auto& histogram = request_.histograms[i];
    const auto& of = Inside(aggregations, {"values", fmt::format("extent{}", i)});
    HistogramExtent extent(histogram);
    AddExtremes(of, "", extent);
    if (const auto& units = Inside(of, {"units", "buckets"}); units.is_array())
      for (const auto& bucket : units.as_array())
        if (const auto& unit = Inside(bucket, {"key"}); unit.is_string())
          AddExtremes(bucket, std::string(unit.as_string()), extent);
    Histogram out{.field = histogram.field, .edges = extent.Edges(), .counts = {}, .missing = total - ReadSessions(of)};
    if (!out.edges.empty()) out.counts.resize(out.edges.size() - 1);
    histograms.push_back(std::move(out));
  }
  return {};
}

std::string Aggregations::Second() const {
  std::string out;
  for (size_t i = 0; i < histograms.size(); ++i) {
    const auto& edges = histograms[i].edges;
    if (edges.size() < 2) continue;
    std::string filters;
    for (size_t bar = 0; bar + 1 < edges.size(); ++bar) {
      if (!filters.empty()) filters += ',';
      filters += BarFilter(edges, bar);
    }
    const auto filter = Both(FieldFilter(aliases_.Group(histograms[i].field)), AxisFilter(request_.histograms[i]));
    if (!out.empty()) out += ',';
    out += OfValues(fmt::format("bars{}", i), filter,
                    fmt::format(R"("bar":{{"filters":{{"filters":[{}]}},"aggs":{{{}}}}})", filters, kSessions));
  }
  return OverValues(out);
}

Status Aggregations::ReadSecond(const bj::value& aggregations) {
  for (size_t i = 0; i < histograms.size(); ++i) {
    auto& counts = histograms[i].counts;
    if (counts.empty()) continue;
    const auto& buckets = Inside(aggregations, {"values", fmt::format("bars{}", i), "bar", "buckets"});
    if (!buckets.is_array() || buckets.as_array().size() != counts.size())
      return Fail(ErrorCode::kInternal, "OpenSearch's answer lacks bars of a histogram");
    for (size_t bar = 0; bar < counts.size(); ++bar) counts[bar] = ReadSessions(buckets.as_array()[bar]);
  }
  return {};
}

}  // namespace seshat::opensearch
