#include "adapters/s3_store/concurrency.h"

#include <algorithm>
#include <utility>

namespace seshat::s3_store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kFirst = 4;
// What a request costs beside its bytes, in bytes: so that rates of small and large requests can be compared.
constexpr uint64_t kRequestUnits = 64 << 10;
constexpr auto kShortestRound = milliseconds(10);
// Of what the limit grew by, the rate must grow by this share: else the step was not worth it.
constexpr double kWorthwhile = 0.4;
constexpr double kBelowRefusals = 0.985;
constexpr auto kClimbEvery = milliseconds(500);
constexpr size_t kClimbShare = 100;  // 1 % at a time
constexpr seconds kLongestWait{30};

}  // namespace

ConcurrencyController::ConcurrencyController(size_t most)
    : most_(std::max<size_t>(most, 1)), limit_(std::min(most_, kFirst)) {}

void ConcurrencyController::Begin(Time now) {
  if (!begun_) round_.begun = now;
  begun_ = true;
}

void ConcurrencyController::Answered(uint64_t bytes, Time now) {
  Begin(now);
  round_.answers += 1;
  round_.units += bytes + kRequestUnits;
  EndRoundIfDue(now);
}

void ConcurrencyController::Refused(uint64_t times, Time now) {
  Begin(now);
  round_.refusals += times;
  EndRoundIfDue(now);
}

void ConcurrencyController::Lost(Time now) {
  Begin(now);
  round_.losses += 1;
  EndRoundIfDue(now);
}

void ConcurrencyController::EndRoundIfDue(Time now) {
  const auto took = now - round_.begun;
  if (round_.answers + round_.refusals + round_.losses < limit_ || took < kShortestRound) return;
  const Round round = round_;
  const bool starved = starved_;
  round_ = Round{.begun = now};
  starved_ = false;
  if (round.losses > 0) {
    Set(limit_ / 2);
    phase_ = Phase::kWatching;
    next_step_ = now + seconds(1);
    steady_rate_ = 0;
    return;
  }
  // The round after a change still holds requests from before it, refused ones too.
  if (std::exchange(settling_, false)) return;
  if (round.refusals > 0) return AfterRefusals(round, now);
  // Nothing can be learnt from a round that was not full.
  if (starved) return;
  EndRound(static_cast<double>(round.units) / std::chrono::duration<double>(took).count(), now);
}

void ConcurrencyController::EndRound(double rate, Time now) {
  switch (phase_) {
    case Phase::kDoubling:
      return Double(rate);
    case Phase::kClimbing:
      return Climb(now);
    case Phase::kWatching:
      return Watch(rate, now);
    case Phase::kProbing:
      return EndProbe(rate, now);
  }
}

void ConcurrencyController::Set(size_t limit) {
  const size_t next = std::clamp<size_t>(limit, 1, most_);
  settling_ = next != limit_;
  limit_ = next;
}

void ConcurrencyController::AfterRefusals(const Round& round, Time now) {
  const double accepted =
      static_cast<double>(round.answers) / static_cast<double>(round.answers + round.refusals);
  refused_at_ = limit_;
  const auto fitting = static_cast<size_t>(static_cast<double>(limit_) * accepted * kBelowRefusals);
  Set(std::min(fitting, limit_ - 1));
  settling_ = true;
  phase_ = Phase::kClimbing;
  next_step_ = now + kClimbEvery;
}

void ConcurrencyController::Double(double rate) {
  const double grown =
      steady_limit_ == 0 ? 0 : static_cast<double>(limit_) / static_cast<double>(steady_limit_) - 1;
  if (steady_limit_ != 0 && rate < steady_rate_ * (1 + kWorthwhile * grown)) {
    phase_ = Phase::kWatching;
    Set(steady_limit_);
    steady_rate_ = 0;
    return;
  }
  steady_limit_ = limit_;
  steady_rate_ = rate;
  if (limit_ == most_) {
    phase_ = Phase::kWatching;
    return;
  }
  Set(limit_ * 2);
}

void ConcurrencyController::Climb(Time now) {
  if (now < next_step_) return;
  next_step_ = now + kClimbEvery;
  if (limit_ > refused_at_ + refused_at_ / 4) {  // the server's limit has gone
    phase_ = Phase::kWatching;
    steady_rate_ = 0;
    return;
  }
  Set(limit_ + std::max<size_t>(1, limit_ / kClimbShare));
}

void ConcurrencyController::Watch(double rate, Time now) {
  // A rate over several rounds, the newest counting most.
  steady_rate_ = steady_rate_ == 0 ? rate : steady_rate_ * 0.75 + rate * 0.25;
  if (now < next_step_ || limit_ == most_) return;
  steady_limit_ = limit_;
  phase_ = Phase::kProbing;
  Set(limit_ + std::max<size_t>(1, limit_ / 4));
}

void ConcurrencyController::EndProbe(double rate, Time now) {
  const double grown = static_cast<double>(limit_) / static_cast<double>(steady_limit_) - 1;
  phase_ = Phase::kWatching;
  if (rate >= steady_rate_ * (1 + kWorthwhile * grown)) {
    steady_rate_ = rate;
    probe_wait_ = seconds(1);
    next_step_ = now;
    return;
  }
  Set(steady_limit_);
  probe_wait_ = std::min(probe_wait_ * 2, kLongestWait);
  next_step_ = now + probe_wait_;
}

}  // namespace seshat::s3_store
