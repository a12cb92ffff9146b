#include "services/consuming/verdict.h"

#include <algorithm>

namespace seshat::consuming {
namespace {

constexpr std::chrono::milliseconds kMaxDelay = std::chrono::hours{12};

}  // namespace

bool IsHopeless(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kDataLoss;
}

Verdict AfterError(const Error& error, uint32_t attempt, const Backoff& backoff, Random& random) {
  if (IsHopeless(error) || error.code == ErrorCode::kCancelled) return {.reason = error.ToString()};
  return AfterFault(error, attempt, backoff, random);
}

Verdict AfterFault(const Error& error, uint32_t attempt, const Backoff& backoff, Random& random) {
  const auto pause = backoff.After(attempt, RandomUnit(random));
  return {.delay = std::min(std::max(pause, error.retry_after.value_or(pause)), kMaxDelay), .reason = error.ToString()};
}

}  // namespace seshat::consuming
