// Histograms over a field of the sessions that a search found. The edges come from one pure function, so that
// every store draws the same bars.
//
// A bar counts the sessions that the query `field:[edge TO next edge}` finds among the hits (the last bar:
// `field:[edge TO last edge]`), so a click on a bar is a search. A session with several values counts once in
// each bar that holds one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/metadata/metadata.h"

namespace seshat::query {

struct HistogramRequest {
  enum class Of { kNumbers, kDates };
  std::string field;
  Of of = Of::kNumbers;
  size_t buckets = 20;  // at most so many are answered; 2–1,000
  // kNumbers: of the edges; numbers of its family are converted, those of other families do not count. Empty:
  // numbers as they are written, whatever their units.
  std::string unit;
  // From here to there, or over everything there is: both or neither. Numbers (in `unit`) or dates as `of` says.
  std::optional<MetadataValue> low;
  std::optional<MetadataValue> high;
};

struct Histogram {
  std::string field;
  std::vector<MetadataValue> edges;  // ascending; one more than `counts`, or none where no session has a value
  std::vector<uint64_t> counts;      // sessions
  uint64_t missing = 0;              // hits without any value that could be in a bar, wherever the edges are
};

// A screen has no room for more bars.
inline constexpr size_t kMaxHistogramBuckets = 1000;

// kInvalidArgument, with the reason.
Status CheckHistogram(const HistogramRequest& request);

// True for a value that has a place on the axis.
bool IsOnAxis(const HistogramRequest& request, const MetadataValue& value);

// The smallest and the largest of what is on the axis, and the edges that follow. A store whose index knows the
// extremes needs to add only these.
class HistogramExtent {
 public:
  // Precondition: CheckHistogram. `request` outlives it.
  explicit HistogramExtent(const HistogramRequest& request) : request_(request) {}

  void Add(const MetadataValue& value);  // does nothing for one that is not on the axis
  // Steps of 1, 2, 2.5 or 5 times a power of ten; of dates: 1, 2, 5 … units of the clock, months or years, in
  // UTC. At most request.buckets bars. Given bounds are the first and the last edge. All values alike: one bar
  // from the value to itself.
  std::vector<MetadataValue> Edges() const;

 private:
  std::vector<MetadataValue> NumberEdges(const std::vector<double>& numbers) const;

  const HistogramRequest& request_;
  std::optional<double> least_, most_;  // in the unit of the request
  MetadataValue lowest_, highest_;      // the values themselves
  std::optional<Timestamp> first_, last_;
};

// The bar that a value is in; nothing where it is beyond the edges or not on the axis.
std::optional<size_t> BarOf(std::span<const MetadataValue> edges, const MetadataValue& value);

// The whole of it, from the values of the field in each hit.
Histogram MakeHistogram(const HistogramRequest& request, std::span<const std::vector<MetadataValue>> values_of_hits);

}  // namespace seshat::query

namespace seshat {
using query::Histogram;
using query::HistogramExtent;
using query::HistogramRequest;
}  // namespace seshat
