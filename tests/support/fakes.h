// A clock that moves only when told to, randomness that repeats, a logger that remembers, metrics that count.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/logger.h"
#include "ports/metrics.h"
#include "ports/random.h"

namespace seshat::testing {

// SleepFor moves the clock by itself, so that code under test never waits in real time.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Timestamp start = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}) : now_(start) {}
  Timestamp Now() const override;
  std::chrono::steady_clock::time_point SteadyNow() const override;
  bool SleepFor(std::chrono::nanoseconds duration, std::stop_token stop) override;
  void Advance(std::chrono::nanoseconds duration);

 private:
  mutable std::mutex mutex_;
  Timestamp now_;
};

class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed = 1) : engine_(seed) {}
  void Fill(MutableByteSpan out) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

class MemoryLogger : public Logger {
 public:
  bool Enabled(LogLevel) const override { return true; }
  void Log(LogLevel level, std::string_view message, std::span<const LogField> fields) override;
  std::vector<std::string> lines() const;  // "warning message field=value …"
  bool Holds(std::string_view text) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class MemoryMetrics : public Metrics {
 public:
  void Record(const MetricSpec& spec, double value, MetricLabels labels) override;
  double Sum(std::string_view name) const;  // over all labels; a gauge's last value for each label set

 private:
  mutable std::mutex mutex_;
  std::map<std::string, double> values_;  // "name{label=value,…}"
};

}  // namespace seshat::testing
