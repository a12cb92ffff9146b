#include "support/fakes.h"

#include <fmt/format.h>

namespace seshat::testing {

Timestamp FakeClock::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

std::chrono::steady_clock::time_point FakeClock::SteadyNow() const {
  return std::chrono::steady_clock::time_point(Now().time_since_epoch());
}

bool FakeClock::SleepFor(std::chrono::nanoseconds duration, std::stop_token stop) {
  Advance(duration);
  return !stop.stop_requested();
}

void FakeClock::Advance(std::chrono::nanoseconds duration) {
  const std::lock_guard lock(mutex_);
  now_ += duration;
}

void SeededRandom::Fill(MutableByteSpan out) {
  const std::lock_guard lock(mutex_);
  for (std::byte& b : out) b = static_cast<std::byte>(engine_());
}

void MemoryLogger::Log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  constexpr std::string_view kNames[] = {"trace", "debug", "info", "warning", "error"};
  std::string line = fmt::format("{} {}", kNames[static_cast<size_t>(level)], message);
  for (const auto& field : fields)
    line += std::visit([&](const auto& v) { return fmt::format(" {}={}", field.name, v); }, field.value);
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> MemoryLogger::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

bool MemoryLogger::Holds(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  for (const auto& line : lines_)
    if (line.find(text) != std::string::npos) return true;
  return false;
}

void MemoryMetrics::Record(const MetricSpec& spec, double value, MetricLabels labels) {
  std::string name = fmt::format("{}{{", spec.name);
  for (const auto& [label, text] : labels) name += fmt::format("{}={},", label, text);
  const std::lock_guard lock(mutex_);
  double& kept = values_[name + "}"];
  kept = spec.kind == MetricSpec::Kind::kGauge ? value : kept + value;
}

double MemoryMetrics::Sum(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  double sum = 0;
  for (const auto& [key, value] : values_)
    if (key.starts_with(fmt::format("{}{{", name))) sum += value;
  return sum;
}

}  // namespace seshat::testing
