#include "core/query/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/metadata/units.h"
#include "core/query/document_fields.h"
#include "core/query/histogram_steps.h"

namespace seshat::query {
namespace {

bool IsNumbers(const HistogramRequest& request) { return request.of == HistogramRequest::Of::kNumbers; }

}  // namespace

Status CheckHistogram(const HistogramRequest& request) {
  const auto refuse = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("histogram of '{}': {}", request.field, why));
  };
  if (request.field.empty()) return refuse("it needs a field");
  if (request.buckets < 2 || request.buckets > kMaxHistogramBuckets)
    return refuse(fmt::format("from 2 to {} bars can be had", kMaxHistogramBuckets));
  if (request.low.has_value() != request.high.has_value()) return refuse("give both bounds or none");
  if (!IsNumbers(request) && !request.unit.empty()) return refuse("dates have no unit");
  if (!request.low) return {};
  const auto& low = *request.low;
  const auto& high = *request.high;
  if (IsNumbers(request)) {
    if (!low.number || !high.number) return refuse("its bounds must be numbers");
    if (low.unit != request.unit || high.unit != request.unit)
      return refuse("its bounds must have the unit of the histogram");
    if (!(*low.number < *high.number)) return refuse("its lower bound must be below the upper one");
  } else {
    if (!low.date || !high.date) return refuse("its bounds must be dates");
    if (!(*low.date < *high.date)) return refuse("its lower bound must be before the upper one");
  }
  return {};
}

bool IsOnAxis(const HistogramRequest& request, const MetadataValue& value) {
  if (!IsNumbers(request)) return value.date.has_value();
  return value.number && (request.unit.empty() || metadata::ConvertNumber(value, request.unit));
}

void HistogramExtent::Add(const MetadataValue& value) {
  if (!IsOnAxis(request_, value)) return;
  if (!IsNumbers(request_)) {
    first_ = first_ ? std::min(*first_, *value.date) : *value.date;
    last_ = last_ ? std::max(*last_, *value.date) : *value.date;
    return;
  }
  const double number = request_.unit.empty() ? *value.number : *metadata::ConvertNumber(value, request_.unit);
  if (!least_ || number < *least_) {
    least_ = number;
    lowest_ = value;
  }
  if (!most_ || number > *most_) {
    most_ = number;
    highest_ = value;
  }
}

std::vector<MetadataValue> HistogramExtent::NumberEdges(const std::vector<double>& numbers) const {
  const auto unit = request_.unit.empty() ? "" : " " + request_.unit;
  std::vector<MetadataValue> edges;
  for (const double number : numbers) {
    edges.push_back(metadata::TypeValue(fmt::format("{}{}", number, unit)));
    // Values meet edges as doubles. Beyond 2^53 several integers are one double, and where the edges lie would depend
    // on which of them came first.
    edges.back().integer.reset();
  }
  return edges;
}

std::vector<MetadataValue> HistogramExtent::Edges() const {
  if (IsNumbers(request_)) {
    if (!least_) return {};
    if (request_.low) return NumberEdges(EdgesBetween(*request_.low->number, *request_.high->number, request_.buckets));
    auto edges = NumberEdges(EdgesAround(*least_, *most_, request_.buckets));
    if (BarOf(edges, lowest_) && BarOf(edges, highest_)) return edges;
    // A conversion of units loses the last digit: a little wider.
    const double margin = std::max(std::fabs(*least_), std::fabs(*most_)) * 1e-9;
    return NumberEdges(EdgesAround(*least_ - margin, *most_ + margin, request_.buckets));
  }
  if (!first_) return {};
  const auto dates = request_.low ? EdgesBetween(*request_.low->date, *request_.high->date, request_.buckets)
                                  : EdgesAround(*first_, *last_, request_.buckets);
  std::vector<MetadataValue> edges;
  for (const auto date : dates) edges.push_back(metadata::TypeValue(FormatTimestamp(date)));
  return edges;
}

std::optional<size_t> BarOf(std::span<const MetadataValue> edges, const MetadataValue& value) {
  if (edges.size() < 2 || !Satisfies(value, CompareOp::kGreaterOrEqual, edges.front())) return std::nullopt;
  const auto above = std::ranges::partition_point(
      edges, [&](const MetadataValue& edge) { return Satisfies(value, CompareOp::kGreaterOrEqual, edge); });
  if (above != edges.end()) return static_cast<size_t>(above - edges.begin()) - 1;
  if (!Satisfies(value, CompareOp::kLessOrEqual, edges.back())) return std::nullopt;
  return edges.size() - 2;
}

Histogram MakeHistogram(const HistogramRequest& request, std::span<const std::vector<MetadataValue>> values_of_hits) {
  HistogramExtent extent(request);
  for (const auto& values : values_of_hits)
    for (const auto& value : values) extent.Add(value);
  Histogram out;
  out.field = request.field;
  out.edges = extent.Edges();
  if (!out.edges.empty()) out.counts.resize(out.edges.size() - 1);
  for (const auto& values : values_of_hits) {
    bool missing = true;
    std::set<size_t> bars;
    for (const auto& value : values) {
      if (!IsOnAxis(request, value)) continue;
      missing = false;
      if (const auto bar = BarOf(out.edges, value)) bars.insert(*bar);
    }
    if (missing) ++out.missing;
    for (const size_t bar : bars) ++out.counts[bar];
  }
  return out;
}

}  // namespace seshat::query
