// What the decorators share: one call timed and counted.
#pragma once

#include <chrono>
#include <string_view>

#include "core/base/error.h"
#include "ports/metrics.h"

namespace seshat::metered {

struct PortMetrics {
  MetricSpec calls;
  MetricSpec seconds;
};

class CallMeter {
 public:
  CallMeter(Metrics& metrics, const PortMetrics& port) : metrics_(metrics), port_(port) {}

  // Runs `call`, which answers a Result or Status, and counts it.
  template <typename Call>
  auto Run(std::string_view operation, Call&& call) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = call();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    Count(operation, result ? "ok" : ErrorCodeName(result.error().code));
    metrics_.Record(port_.seconds, took.count(), {{"operation", operation}});
    return result;
  }

  void Count(std::string_view operation, std::string_view outcome) {
    metrics_.Record(port_.calls, 1, {{"operation", operation}, {"outcome", outcome}});
  }

  Metrics& metrics() { return metrics_; }

 private:
  Metrics& metrics_;
  const PortMetrics& port_;
};

}  // namespace seshat::metered
