#include "adapters/s3_store/concurrency.h"

#include <algorithm>
#include <utility>

namespace seshat::s3_store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kFirst = 16;
// What a request costs beside its bytes, in bytes: so that rates of small and large requests can be compared.
constexpr uint64_t kRequestUnits = 64 << 10;
constexpr auto kShortestRound = milliseconds(10);
// Of what the limit grew by, the rate must grow by this share: else the step was not worth it.
constexpr double kWorthwhile = 0.4;
constexpr seconds kMaxWait{30};
// What every prefix of a bucket bears: 3,500 PUTs a second ("Best practices design patterns: optimizing Amazon S3
// performance", S3 User Guide). More GETs, but these climb there fast enough.
constexpr double kPromisedRate = 3500;
// Shares of the limit that a step adds, below that rate and from there on.
constexpr size_t kStep = 4;
constexpr size_t kSmallStep = 16;
constexpr auto kSmallStepWait = milliseconds(200);

}  // namespace

ConcurrencyController::ConcurrencyController(size_t most)
    : most_(std::max<size_t>(most, 1)), limit_(std::min(most_, kFirst)) {}

bool ConcurrencyController::MayBegin(size_t in_flight, Time now) {
  paced_ = false;
  if (in_flight >= limit_) return false;
  if (pacer_.MaySend(now)) return true;
  paced_ = true;
  starved_ = true;
  return false;
}

void ConcurrencyController::Begin(Time now) {
  if (!begun_) round_ = {.begun = now, .limit = limit_};
  begun_ = true;
}

void ConcurrencyController::Answered(uint64_t bytes, Time now) {
  Begin(now);
  round_.answers += 1;
  round_.units += bytes + kRequestUnits;
  pacer_.Accepted(now);
  if (phase_ == Phase::kDoubling && !starved_ && limit_ < MostOfRound()) ++limit_;
  EndRoundIfDue(now);
}

void ConcurrencyController::Refused(uint64_t times, Time now) {
  Begin(now);
  round_.refusals += times;
  pacer_.Refused(times, AnswerRate(now), now);
  if (phase_ != Phase::kWatching) next_step_ = now + seconds(1);
  phase_ = Phase::kWatching;
  EndRoundIfDue(now);
}

void ConcurrencyController::Lost(Time now) {
  Begin(now);
  round_.losses += 1;
  EndRoundIfDue(now);
}

double ConcurrencyController::AnswerRate(Time now) const {
  const double took = std::chrono::duration<double>(now - round_.begun).count();
  const auto answers = static_cast<double>(round_.answers + round_.refusals);
  return std::max(answer_rate_, now - round_.begun < kShortestRound ? 0 : answers / took);
}

void ConcurrencyController::EndRoundIfDue(Time now) {
  const auto took = now - round_.begun;
  if (round_.answers + round_.refusals + round_.losses < round_.limit || took < kShortestRound) return;
  const Round round = round_;
  const double length = std::chrono::duration<double>(took).count();
  const bool starved = starved_;
  answer_rate_ = static_cast<double>(round.answers) / length;
  answer_limit_ = round.limit;
  starved_ = false;
  if (round.losses > 0) {
    Set(limit_ / 2);
    settling_ = false;
    phase_ = Phase::kWatching;
    next_step_ = now + seconds(1);
    steady_rate_ = 0;
  } else if (!std::exchange(settling_, false) && round.refusals == 0 && !starved) {
    // Nothing can be learnt from a round that was not full, or that still holds requests from before a change.
    EndRound(round, length, now);
  }
  round_ = {.begun = now, .limit = limit_};
}

void ConcurrencyController::EndRound(const Round& round, double length, Time now) {
  const double rate = static_cast<double>(round.units) / length;
  switch (phase_) {
    case Phase::kDoubling:
      return Double(round, rate);
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

void ConcurrencyController::Double(const Round& round, double rate) {
  const double grown =
      steady_limit_ == 0 ? 0 : static_cast<double>(round.limit) / static_cast<double>(steady_limit_) - 1;
  if (steady_limit_ != 0 && rate < steady_rate_ * (1 + kWorthwhile * grown)) {
    phase_ = Phase::kWatching;
    Set(steady_limit_);
    steady_rate_ = 0;
    return;
  }
  steady_limit_ = round.limit;
  steady_rate_ = rate;
  if (answer_rate_ < kPromisedRate && round.limit < most_) return;
  phase_ = Phase::kWatching;
  Set(round.limit);
  steady_rate_ = 0;
}

size_t ConcurrencyController::MostOfRound() const {
  size_t most = 2 * round_.limit;
  if (answer_rate_ > 0)
    most = std::min(most, static_cast<size_t>(static_cast<double>(answer_limit_) * kPromisedRate / answer_rate_));
  return std::min(most_, std::max(most, round_.limit));
}

size_t ConcurrencyController::Above() const {
  return limit_ + std::max<size_t>(1, limit_ / (answer_rate_ < 0.9 * kPromisedRate ? kStep : kSmallStep));
}

void ConcurrencyController::Watch(double rate, Time now) {
  // A rate over several rounds, the newest counting most.
  steady_rate_ = steady_rate_ == 0 ? rate : steady_rate_ * 0.75 + rate * 0.25;
  if (now < next_step_ || limit_ == most_) return;
  steady_limit_ = limit_;
  phase_ = Phase::kProbing;
  Set(Above());
}

void ConcurrencyController::EndProbe(double rate, Time now) {
  const double grown = static_cast<double>(limit_) / static_cast<double>(steady_limit_) - 1;
  phase_ = Phase::kWatching;
  if (rate >= steady_rate_ * (1 + kWorthwhile * grown)) {
    steady_rate_ = rate;
    probe_wait_ = seconds(1);
    next_step_ = now + (answer_rate_ < 0.9 * kPromisedRate ? milliseconds(0) : kSmallStepWait);
    return;
  }
  Set(steady_limit_);
  probe_wait_ = std::min(probe_wait_ * 2, kMaxWait);
  next_step_ = now + probe_wait_;
}

}  // namespace seshat::s3_store
