#include "services/consuming/verdict.h"

#include <gtest/gtest.h>

#include "support/fakes.h"

namespace seshat::consuming {
namespace {

using namespace std::chrono_literals;

constexpr Backoff kPause{.base = 10s, .cap = 10min};

TEST(Verdict, EveryErrorIsHopelessOrPasses) {
  const std::vector<std::pair<ErrorCode, bool>> codes{
      {ErrorCode::kInvalidArgument, true},    {ErrorCode::kDataLoss, true},
      {ErrorCode::kNotFound, false},          {ErrorCode::kAlreadyExists, false},
      {ErrorCode::kPermissionDenied, false},  {ErrorCode::kUnauthenticated, false},
      {ErrorCode::kResourceExhausted, false}, {ErrorCode::kUnavailable, false},
      {ErrorCode::kDeadlineExceeded, false},  {ErrorCode::kCancelled, false},
      {ErrorCode::kArchived, false},          {ErrorCode::kSourceChanged, false},
      {ErrorCode::kUnsupported, false},       {ErrorCode::kInternal, false}};
  testing::SeededRandom random;
  for (const auto& [code, hopeless] : codes) {
    const Error error{code, "why"};
    EXPECT_EQ(IsHopeless(error), hopeless) << ErrorCodeName(code);
    const Verdict verdict = AfterError(error, 3, kPause, random);
    EXPECT_FALSE(verdict.done);
    EXPECT_EQ(verdict.reason, error.ToString());
    const bool at_once = hopeless || code == ErrorCode::kCancelled;
    EXPECT_EQ(verdict.delay == 0ms, at_once) << ErrorCodeName(code);
    EXPECT_LE(verdict.delay, 40s) << ErrorCodeName(code);
  }
}

TEST(Verdict, NeverSoonerThanTheFarSideAskedAndNeverAfterTwelveHours) {
  testing::SeededRandom random;
  EXPECT_GE(AfterError({ErrorCode::kUnavailable, "busy", 5min}, 1, kPause, random).delay, 5min);
  EXPECT_EQ(AfterError({ErrorCode::kUnavailable, "busy", 24h}, 1, kPause, random).delay, 12h);
}

TEST(Verdict, ADamagedStoreIsNotTheEventsFault) {
  testing::SeededRandom random;
  EXPECT_GT(AfterFault({ErrorCode::kDataLoss, "the index is damaged"}, 1, kPause, random).delay, 0ms);
}

}  // namespace
}  // namespace seshat::consuming
