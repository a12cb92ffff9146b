// Metrics kept for Prometheus, in its text exposition format 0.0.4.
#pragma once

#include <memory>
#include <string>

#include "ports/metrics.h"

namespace seshat::prometheus {

class PrometheusMetrics : public Metrics {
 public:
  // All metrics recorded so far, ready to be served. A metric appears with its first Record.
  virtual std::string Expose() const = 0;
};

// Takes at most 1,000 label sets for each metric; what comes beyond is counted in
// seshat_metrics_dropped_total, so that a mistake in the code cannot eat the memory.
std::unique_ptr<PrometheusMetrics> MakePrometheusMetrics();

}  // namespace seshat::prometheus
