#include "core/query/histogram.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/query/document_fields.h"
#include "core/query/histogram_steps.h"

namespace seshat::query {
namespace {

std::string Edges(double low, double high, size_t most) {
  return fmt::format("{}", fmt::join(EdgesAround(low, high, most), " "));
}

std::string Edges(std::string_view low, std::string_view high, size_t most) {
  std::string text;
  for (const auto edge : EdgesAround(*metadata::TypeValue(low).date, *metadata::TypeValue(high).date, most))
    text += (text.empty() ? "" : " ") + FormatTimestamp(edge);
  return text;
}

TEST(HistogramEdges, NumbersHaveRoundSteps) {
  EXPECT_EQ(Edges(0, 10, 5), "0 2 4 6 8 10");
  EXPECT_EQ(Edges(0.1, 0.72, 7), "0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8");
  EXPECT_EQ(Edges(-3, 4, 2), "-5 0 5");
  EXPECT_EQ(Edges(-1, 0, 4), "-1 -0.75 -0.5 -0.25 0");
  EXPECT_EQ(Edges(7, 7, 10), "7 7");
  EXPECT_EQ(Edges(1e20, 3e20, 2), "1e+20 2e+20 3e+20");
}

TEST(HistogramEdges, DatesFollowTheCalendar) {
  EXPECT_EQ(Edges("2026-11-23T10:07:00Z", "2026-11-23T10:52:00Z", 4),
            "2026-11-23T10:00:00Z 2026-11-23T10:15:00Z 2026-11-23T10:30:00Z 2026-11-23T10:45:00Z 2026-11-23T11:00:00Z");
  EXPECT_EQ(Edges("2026-11-20", "2026-12-02", 3),
            "2026-11-16T00:00:00Z 2026-11-23T00:00:00Z 2026-11-30T00:00:00Z 2026-12-07T00:00:00Z");
  EXPECT_EQ(Edges("2025-11-20", "2026-08-02", 4),
            "2025-10-01T00:00:00Z 2026-01-01T00:00:00Z 2026-04-01T00:00:00Z 2026-07-01T00:00:00Z 2026-10-01T00:00:00Z");
  EXPECT_EQ(Edges("1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00.000000001Z", 2),
            "1969-12-31T23:59:59.999999999Z 1970-01-01T00:00:00Z 1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(Edges("1678-01-01", "2261-12-31", 2), "1678-01-01T00:00:00Z 2000-01-01T00:00:00Z 2261-12-31T00:00:00Z");
}

// Whatever the numbers: ascending, all of them covered, no more bars than asked for.
TEST(HistogramEdges, CoverAnything) {
  std::mt19937_64 random(7);
  const auto any = [&]() -> double {
    switch (random() % 5) {
      case 0:
        return static_cast<double>(static_cast<int>(random() % 2000) - 1000) / 8;
      case 1:
        return std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 900)) *
               (random() % 2 == 0 ? 1 : -1);
      case 2:
        return std::ldexp(static_cast<double>(random()), -static_cast<int>(random() % 1130));
      case 3:
        return 1e15 + static_cast<double>(random() % 4) / 8;
      default:
        return random() % 2 == 0 ? std::numeric_limits<double>::max() : std::numeric_limits<double>::lowest();
    }
  };
  for (int i = 0; i < 20'000; ++i) {
    const double a = any(), b = any();
    const double low = std::min(a, b), high = std::max(a, b);
    const size_t most = 2 + random() % 40;
    const auto edges = EdgesAround(low, high, most);
    ASSERT_GE(edges.size(), 2U);
    ASSERT_LE(edges.size() - 1, most) << low << " " << high;
    ASSERT_LE(edges.front(), low);
    ASSERT_GE(edges.back(), high);
    if (low == high) continue;
    ASSERT_TRUE(std::ranges::is_sorted(edges, std::less_equal{})) << low << " " << high;
    const auto exact = EdgesBetween(low, high, most);
    ASSERT_LE(exact.size() - 1, most);
    ASSERT_EQ(exact.front(), low);
    ASSERT_EQ(exact.back(), high);
    ASSERT_TRUE(std::ranges::is_sorted(exact, std::less_equal{})) << low << " " << high;
  }
}

TEST(HistogramEdges, CoverAnyTime) {
  std::mt19937_64 random(8);
  const auto any = [&] {
    const int64_t spans[] = {1'000, 86'400'000'000'000, 1'000'000'000'000'000'000};
    return Timestamp{std::chrono::nanoseconds{static_cast<int64_t>(random() % 9) * spans[random() % 3]} *
                     (random() % 2 == 0 ? 1 : -1)};
  };
  for (int i = 0; i < 5'000; ++i) {
    const auto a = any(), b = any();
    if (a == b) continue;
    const size_t most = 2 + random() % 40;
    for (const auto& edges :
         {EdgesAround(std::min(a, b), std::max(a, b), most), EdgesBetween(std::min(a, b), std::max(a, b), most)}) {
      ASSERT_LE(edges.size() - 1, most);
      ASSERT_LE(edges.front(), std::min(a, b));
      ASSERT_GE(edges.back(), std::max(a, b));
      ASSERT_TRUE(std::ranges::is_sorted(edges, std::less_equal{}));
    }
  }
}

// A bar counts what a search with its edges finds.
TEST(Histogram, BarsAreRanges) {
  std::mt19937_64 random(9);
  std::vector<std::vector<MetadataValue>> sessions(60);
  for (auto& values : sessions)
    for (size_t i = random() % 4; i > 0; --i)
      values.push_back(metadata::TypeValue(fmt::format("{}", static_cast<double>(random() % 400) / 10 - 20)));
  const HistogramRequest request{.field = "n", .buckets = 13};
  const auto histogram = MakeHistogram(request, sessions);
  ASSERT_GT(histogram.counts.size(), 6U);
  for (size_t bar = 0; bar < histogram.counts.size(); ++bar) {
    const Bound low{histogram.edges[bar], true};
    const Bound high{histogram.edges[bar + 1], bar + 1 == histogram.counts.size()};
    const auto found = std::ranges::count_if(sessions, [&](const auto& values) {
      return std::ranges::any_of(values, [&](const auto& v) { return IsWithin(v, low, high); });
    });
    EXPECT_EQ(histogram.counts[bar], static_cast<uint64_t>(found)) << bar;
  }
}

}  // namespace
}  // namespace seshat::query
