// Metrics: numbers for Prometheus. Every metric is declared once as a constant beside the code that moves it.
// Adapters: adapters/prometheus. Thread-safe; cheap enough for every file, not for every byte range.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

namespace seshat {

// Prometheus conventions: seshat_<what>_<unit>[_total], base units (seconds, bytes).
struct MetricSpec {
  enum class Kind { kCounter, kGauge, kHistogram };
  Kind kind;
  std::string_view name;
  std::string_view help;
  // kHistogram: buckets 0.001, 0.004, 0.016, … 4,194.304 (twelve, each four times the last) for every metric
  // alike.
};

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Metrics {
 public:
  virtual ~Metrics() = default;
  // Counter: adds. Gauge: sets. Histogram: observes. Label values must come from small sets (never session
  // ids or paths).
  virtual void Record(const MetricSpec& spec, double value, MetricLabels labels = {}) = 0;
};

}  // namespace seshat
