#include "adapters/prometheus/prometheus_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <shared_mutex>
#include <sstream>
#include <variant>

namespace seshat::prometheus {
namespace {

constexpr size_t kMaxSeries = 1000;
constexpr MetricSpec kDropped{MetricSpec::Kind::kCounter, "seshat_metrics_dropped_total",
                              "Values not recorded because a metric had too many label sets."};

using Series = std::variant<::prometheus::Counter*, ::prometheus::Gauge*, ::prometheus::Histogram*>;

::prometheus::Histogram::BucketBoundaries Buckets() {
  ::prometheus::Histogram::BucketBoundaries buckets;
  for (double bound = 0.001; buckets.size() < 12; bound *= 4) buckets.push_back(bound);
  return buckets;
}

class Adapter : public PrometheusMetrics {
 public:
  void Record(const MetricSpec& spec, double value, MetricLabels labels) override {
    std::string key(spec.name);
    for (const auto& [name, text] : labels) key.append(1, '\0').append(name).append(1, '\0').append(text);
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = series_.find(key); found != series_.end()) return Move(found->second, value);
    }
    bool dropped = false;
    {
      const std::unique_lock lock(mutex_);
      auto found = series_.find(key);
      if (found == series_.end()) {
        dropped = counts_[std::string(spec.name)]++ >= kMaxSeries;
        if (!dropped) found = series_.emplace(std::move(key), Make(spec, labels)).first;
      }
      if (!dropped) Move(found->second, value);
    }
    if (dropped) Record(kDropped, 1, {});
  }

  std::string Expose() const override {
    std::ostringstream out;
    ::prometheus::TextSerializer().Serialize(out, registry_.Collect());
    return std::move(out).str();
  }

 private:
  Series Make(const MetricSpec& spec, MetricLabels labels) {
    ::prometheus::Labels all;
    for (const auto& [name, text] : labels) all.emplace(name, text);
    const std::string name(spec.name);
    const std::string help(spec.help);
    switch (spec.kind) {
      case MetricSpec::Kind::kCounter:
        return &::prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(all);
      case MetricSpec::Kind::kGauge:
        return &::prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(all);
      case MetricSpec::Kind::kHistogram:
        break;
    }
    return &::prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(all, Buckets());
  }

  static void Move(const Series& series, double value) {
    if (const auto* counter = std::get_if<::prometheus::Counter*>(&series)) {
      (*counter)->Increment(value);
    } else if (const auto* gauge = std::get_if<::prometheus::Gauge*>(&series)) {
      (*gauge)->Set(value);
    } else {
      std::get<::prometheus::Histogram*>(series)->Observe(value);
    }
  }

  mutable std::shared_mutex mutex_;
  ::prometheus::Registry registry_;
  std::map<std::string, Series, std::less<>> series_;  // by name and labels
  std::map<std::string, size_t> counts_;               // label sets of each metric
};

}  // namespace

std::unique_ptr<PrometheusMetrics> MakePrometheusMetrics() { return std::make_unique<Adapter>(); }

}  // namespace seshat::prometheus
