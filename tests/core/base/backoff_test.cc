#include "core/base/backoff.h"

#include <gtest/gtest.h>

#include <limits>

namespace seshat {
namespace {

using std::chrono::milliseconds;

constexpr Backoff kBackoff{.base = milliseconds{100}, .cap = milliseconds{1000}};

TEST(Backoff, GrowsByItsFactorUpToItsCap) {
  struct Row {
    uint32_t failures;
    int64_t doubling;
    int64_t by_four;
  };
  const Row rows[] = {{0, 100, 100},  {1, 100, 100},   {2, 200, 400},     {3, 400, 1000},
                      {4, 800, 1000}, {5, 1000, 1000}, {100, 1000, 1000}, {4'294'967'295, 1000, 1000}};
  const Backoff by_four{.base = kBackoff.base, .cap = kBackoff.cap, .factor = 4};
  constexpr double kNearlyOne = 1 - std::numeric_limits<double>::epsilon();
  for (const auto& row : rows) {
    EXPECT_EQ(kBackoff.After(row.failures, kNearlyOne).count(), row.doubling) << row.failures;
    EXPECT_EQ(by_four.After(row.failures, kNearlyOne).count(), row.by_four) << row.failures;
  }
}

TEST(Backoff, TakesAnyShareOfTheWait) {
  EXPECT_EQ(kBackoff.After(2, 0.5), milliseconds{100});
  EXPECT_EQ(kBackoff.After(2, 0.25), milliseconds{50});
  EXPECT_EQ(kBackoff.After(9, 0.75), milliseconds{750});
}

TEST(Backoff, NeverSpins) {
  EXPECT_EQ(kBackoff.After(1, 0), milliseconds{1});
  EXPECT_EQ((Backoff{.base = milliseconds{0}, .cap = milliseconds{0}}.After(3, 0.9)), milliseconds{1});
}

TEST(Backoff, AHugeCapDoesNotOverflow) {
  const Backoff weeks{.base = std::chrono::hours{1}, .cap = std::chrono::hours{24 * 365}, .factor = 1000};
  EXPECT_EQ(weeks.After(1'000'000, 0.5), std::chrono::hours{24 * 365 / 2});
}

}  // namespace
}  // namespace seshat
