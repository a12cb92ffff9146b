#include "core/query/histogram_steps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace seshat::query {
namespace {

// Wide enough that indices and nanoseconds are exact: 64 bits of mantissa.
using Wide = long double;

// Multiples of mantissa · 10^exponent.
class NumberStep {
 public:
  NumberStep(int mantissa, int exponent) : mantissa_(mantissa), power_(std::pow(Wide{10}, std::abs(exponent))) {
    divides_ = exponent < 0;
  }
  Wide Floor(double value) const {
    const Wide scaled = divides_ ? Wide{value} * power_ : Wide{value} / power_;
    return std::floor(scaled / mantissa_);
  }
  // Rounded once, so that 3 · 0.1 is 0.3.
  Wide At(Wide index) const { return divides_ ? index * mantissa_ / power_ : index * mantissa_ * power_; }
  static Wide Of(double value) { return value; }

 private:
  int mantissa_;
  Wide power_;
  bool divides_ = false;
};

constexpr Wide kSecond = 1e9L;
constexpr Wide kMinute = 60 * kSecond;
constexpr Wide kHour = 60 * kMinute;
constexpr Wide kDay = 24 * kHour;

// A length of time from an origin, or a number of months.
class DateStep {
 public:
  constexpr explicit DateStep(Wide length, Wide origin = 0) : length_(length), origin_(origin) {}
  static constexpr DateStep Months(int months) {
    DateStep step(0);
    step.months_ = months;
    return step;
  }

  Wide Floor(Timestamp time) const {
    if (months_ == 0) return std::floor((Of(time) - origin_) / length_);
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    const Wide month = static_cast<int>(day.year()) * 12 + static_cast<int>(static_cast<unsigned>(day.month())) - 1;
    return std::floor(month / months_);
  }
  Wide At(Wide index) const {
    if (months_ == 0) return index * length_ + origin_;
    const auto month = static_cast<int>(index * months_);
    const int year = month >= 0 ? month / 12 : (month - 11) / 12;
    const auto day = std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(month - year * 12 + 1)} / 1;
    return static_cast<Wide>(std::chrono::sys_days{day}.time_since_epoch().count()) * kDay;
  }
  static Wide Of(Timestamp time) { return static_cast<Wide>(time.time_since_epoch().count()); }

 private:
  Wide length_;
  Wide origin_;
  int months_ = 0;
};

struct Span {
  Wide first = 0;  // indices
  Wide last = 0;
};

// The multiples that cover [low, high].
template <typename Step, typename T>
Span Around(const Step& step, T low, T high) {
  Span span{step.Floor(low), step.Floor(high)};
  if (step.At(span.last) < Step::Of(high)) span.last += 1;
  return span;
}

// The multiples between the two.
template <typename Step, typename T>
Span Within(const Step& step, T low, T high) {
  Span span{step.Floor(low) + 1, step.Floor(high)};
  if (step.At(span.last) >= Step::Of(high)) span.last -= 1;
  return span;
}

template <typename Step>
std::vector<Wide> Multiples(const Step& step, const Span& span) {
  std::vector<Wide> out;
  const auto count = static_cast<int64_t>(span.last - span.first) + 1;
  for (int64_t i = 0; i < count; ++i) out.push_back(step.At(span.first + static_cast<Wide>(i)));
  return out;
}

std::vector<DateStep> DateSteps() {
  std::vector<DateStep> steps;
  for (const Wide unit : {1e0L, 1e3L, 1e6L})
    for (const int count : {1, 2, 5, 10, 20, 50, 100, 200, 500}) steps.emplace_back(count * unit);
  for (const Wide unit : {kSecond, kMinute})
    for (const int count : {1, 2, 5, 10, 15, 30}) steps.emplace_back(count * unit);
  for (const int count : {1, 2, 3, 6, 12}) steps.emplace_back(count * kHour);
  for (const int count : {1, 2}) steps.emplace_back(count * kDay);
  steps.emplace_back(7 * kDay, -3 * kDay);  // weeks begin on Monday: 1970-01-01 was a Thursday
  for (const int count : {1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000})
    steps.push_back(DateStep::Months(count));
  return steps;
}

// Calls `take` with ever larger steps, from one that is certainly too small, until it answers true.
void TryNumberSteps(double low, double high, size_t most, const auto& take) {
  const Wide width = (Wide{high} - Wide{low}) / static_cast<Wide>(most);
  for (int exponent = static_cast<int>(std::floor(std::log10(width))) - 2;; ++exponent)
    for (const int mantissa : {10, 20, 25, 50})
      if (take(NumberStep(mantissa, exponent))) return;
}

std::vector<double> Rounded(const std::vector<Wide>& edges, double low, double high) {
  std::vector<double> out;
  // 0.0 + x makes a plain zero of a negative one.
  for (const Wide edge : edges) out.push_back(0.0 + static_cast<double>(edge));
  // Rounding, or the end of what a double can hold.
  if (!(out.front() <= low)) out.front() = low;
  if (!(out.back() >= high) || !std::isfinite(out.back())) out.back() = high;
  if (!std::isfinite(out.front())) out.front() = low;
  const auto repeats = std::ranges::unique(out);
  out.erase(repeats.begin(), repeats.end());
  return out;
}

std::vector<Timestamp> Dates(const std::vector<Wide>& edges, Timestamp low, Timestamp high) {
  // Years that a timestamp can be written with (time.h).
  static constexpr Timestamp kFirst{std::chrono::sys_days{std::chrono::year{1678} / 1 / 1}};
  static constexpr Timestamp kLast{std::chrono::sys_days{std::chrono::year{2261} / 12 / 31}};
  std::vector<Timestamp> out;
  for (const Wide edge : edges) {
    if (edge < DateStep::Of(kFirst)) {
      out.push_back(low);
    } else if (edge > DateStep::Of(kLast)) {
      out.push_back(high);
    } else {
      out.emplace_back(std::chrono::nanoseconds{static_cast<int64_t>(edge)});
    }
  }
  const auto repeats = std::ranges::unique(out);
  out.erase(repeats.begin(), repeats.end());
  return out;
}

size_t Bars(const Span& span) { return static_cast<size_t>(std::max(span.last - span.first, Wide{0})); }

}  // namespace

std::vector<double> EdgesAround(double low, double high, size_t most) {
  if (!(low < high)) return {low, low};
  std::vector<double> edges;
  TryNumberSteps(low, high, most, [&](const NumberStep& step) {
    const Span span = Around(step, low, high);
    if (span.last - span.first > static_cast<Wide>(most)) return false;
    edges = Rounded(Multiples(step, span), low, high);
    return true;
  });
  return edges;
}

std::vector<double> EdgesBetween(double low, double high, size_t most) {
  std::vector<double> edges;
  TryNumberSteps(low, high, most, [&](const NumberStep& step) {
    const Span span = Within(step, low, high);
    if (span.last - span.first + 2 > static_cast<Wide>(most)) return false;
    auto inner = Multiples(step, span);
    inner.insert(inner.begin(), Wide{low});
    inner.push_back(Wide{high});
    edges = Rounded(inner, low, high);
    return true;
  });
  return edges;
}

std::vector<Timestamp> EdgesAround(Timestamp low, Timestamp high, size_t most) {
  if (!(low < high)) return {low, low};
  for (const auto& step : DateSteps()) {
    const Span span = Around(step, low, high);
    if (Bars(span) <= most) return Dates(Multiples(step, span), low, high);
  }
  return {low, high};
}

std::vector<Timestamp> EdgesBetween(Timestamp low, Timestamp high, size_t most) {
  for (const auto& step : DateSteps()) {
    const Span span = Within(step, low, high);
    if (span.last - span.first + 2 > static_cast<Wide>(most)) continue;
    auto inner = Multiples(step, span);
    inner.insert(inner.begin(), DateStep::Of(low));
    inner.push_back(DateStep::Of(high));
    return Dates(inner, low, high);
  }
  return {low, high};
}

}  // namespace seshat::query
