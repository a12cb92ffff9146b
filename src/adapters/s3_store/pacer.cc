#include "adapters/s3_store/pacer.h"

#include <algorithm>

namespace seshat::s3_store {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What may be made up for after a pause: waiting is no more exact than that.
constexpr double kBurstSeconds = 0.020;
constexpr double kLeastRate = 20;
constexpr double kBelow = 0.98;
constexpr double kCut = 0.9;
// Long enough to count answers, and no longer than a round trip to a server far away.
constexpr auto kMeasure = milliseconds(50);
constexpr double kMeasureAnswers = 25;
constexpr auto kMaxMeasure = seconds(1);
constexpr auto kStep = milliseconds(100);
constexpr double kFirstGrowth = 0.002;
constexpr double kFastestGrowth = 0.25;
constexpr auto kFasterAfter = milliseconds(1500);

double Seconds(std::chrono::nanoseconds time) { return duration<double>(time).count(); }

}  // namespace

void Pacer::Begin(double per_second, Time now) {
  limited_ = true;
  rate_ = std::max(per_second, kLeastRate);
  tokens_ = 1;
  filled_ = step_ = calm_since_ = now;
  sent_ = 0;
}

void Pacer::Refill(Time now) {
  tokens_ = std::min(std::max(1.0, rate_ * kBurstSeconds), tokens_ + rate_ * Seconds(now - filled_));
  filled_ = now;
}

bool Pacer::MaySend(Time now) {
  if (!limited_) return true;
  Climb(now);
  Refill(now);
  return tokens_ >= 1;
}

void Pacer::Sent(Time now) {
  if (!limited_) return;
  Refill(now);
  tokens_ -= 1;
  sent_ += 1;
}

Pacer::Time Pacer::next() const {
  const double wait = std::max(0.0, 1 - tokens_) / rate_;
  return filled_ + std::chrono::ceil<std::chrono::microseconds>(duration<double>(wait));
}

// Only a rate that is made use of is worth more.
void Pacer::Climb(Time now) {
  const auto took = now - step_;
  if (took < kStep) return;
  const bool used = sent_ >= 0.9 * rate_ * Seconds(took);
  step_ = now;
  sent_ = 0;
  if (measuring_) return;
  if (now - calm_since_ >= kFasterAfter) {
    calm_since_ = now;
    growth_ = std::min(growth_ * 2, kFastestGrowth);
  }
  if (used) rate_ *= 1 + growth_;
}

void Pacer::Accepted(Time now) {
  if (!measuring_) return;
  accepted_ += 1;
  EndMeasureIfDue(now);
}

void Pacer::Refused(uint64_t times, double per_second, Time now) {
  if (!limited_) Begin(per_second, now);
  calm_since_ = now;
  growth_ = kFirstGrowth;
  if (!measuring_) {
    measuring_ = true;
    measure_begun_ = now;
    accepted_ = 0;
    refused_ = 0;
    rate_ = std::max({rate_ * kCut, std::min(rate_, known_ * kBelow), kLeastRate});
  }
  refused_ += static_cast<double>(times);
  tokens_ -= static_cast<double>(times);  // they are sent once more
  EndMeasureIfDue(now);
}

void Pacer::EndMeasureIfDue(Time now) {
  const auto took = now - measure_begun_;
  if (took < kMeasure || (accepted_ + refused_ < kMeasureAnswers && took < kMaxMeasure)) return;
  measuring_ = false;
  known_ = accepted_ / Seconds(took);
  rate_ = std::max(known_ * kBelow, kLeastRate);
}

}  // namespace seshat::s3_store
