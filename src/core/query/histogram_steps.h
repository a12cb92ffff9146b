// Round numbers and dates for the axis of a histogram. Private to histogram.h, apart from its tests.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/time.h"

namespace seshat::query {

// Ascending edges of at most `most` bars (2 or more) that cover [low, high], all of them multiples of one
// round step. {low, low} where both are the same.
std::vector<double> EdgesAround(double low, double high, size_t most);
std::vector<Timestamp> EdgesAround(Timestamp low, Timestamp high, size_t most);

// The same with `low` and `high` themselves as first and last edge. Precondition: low < high.
std::vector<double> EdgesBetween(double low, double high, size_t most);
std::vector<Timestamp> EdgesBetween(Timestamp low, Timestamp high, size_t most);

}  // namespace seshat::query
