#include "services/operations/wait_until_idle.h"

#include <gtest/gtest.h>

#include "support/fakes.h"

namespace seshat::operations {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(WaitUntilIdle, EndsWhenThePipelineIsIdle) {
  testing::FakeClock clock;
  int looks = 0;
  const auto look = [&]() -> Result<PipelineState> { return PipelineState{.idle = ++looks == 3}; };
  const auto waited = WaitUntilIdle(look, clock, {.look_every = milliseconds(200)}, {});
  ASSERT_TRUE(waited);
  EXPECT_TRUE(waited->state.idle);
  EXPECT_FALSE(waited->timed_out);
  EXPECT_EQ(looks, 3);
}

TEST(WaitUntilIdle, EndsWhenTheTimeIsOverWithTheLastState) {
  testing::FakeClock clock;
  const auto begin = clock.SteadyNow();
  const auto look = []() -> Result<PipelineState> { return PipelineState{.waiting_for = "a marker"}; };
  const auto waited = WaitUntilIdle(look, clock, {.timeout = seconds(10)}, {});
  ASSERT_TRUE(waited);
  EXPECT_TRUE(waited->timed_out);
  EXPECT_EQ(waited->state.waiting_for, "a marker");
  EXPECT_GE(clock.SteadyNow() - begin, seconds(10));
  EXPECT_LT(clock.SteadyNow() - begin, seconds(11));
}

TEST(WaitUntilIdle, LooksAgainAfterAPassingFaultAndEndsWithALastingOne) {
  testing::FakeClock clock;
  int looks = 0;
  const auto busy = [&]() -> Result<PipelineState> {
    if (++looks == 1) return Fail(ErrorCode::kUnavailable, "the database is busy");
    return PipelineState{.idle = true};
  };
  EXPECT_TRUE(WaitUntilIdle(busy, clock, {}, {})->state.idle);
  const auto broken = []() -> Result<PipelineState> { return Fail(ErrorCode::kDataLoss, "the journal is damaged"); };
  const auto waited = WaitUntilIdle(broken, clock, {}, {});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::kDataLoss);
}

TEST(WaitUntilIdle, EndsWhenToldToStop) {
  testing::FakeClock clock;
  std::stop_source stop;
  int looks = 0;
  const auto look = [&]() -> Result<PipelineState> {
    if (++looks == 2) stop.request_stop();
    return PipelineState{};
  };
  const auto waited = WaitUntilIdle(look, clock, {}, stop.get_token());
  ASSERT_TRUE(waited);
  EXPECT_FALSE(waited->state.idle);
  EXPECT_EQ(looks, 2);
}

}  // namespace
}  // namespace seshat::operations
