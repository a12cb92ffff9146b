#include "adapters/metered/call_meter.h"
#include "adapters/metered/metered.h"

namespace seshat::metered {
namespace {

constexpr metered::PortMetrics kBus{{MetricSpec::Kind::kCounter, "seshat_bus_calls_total", "Event bus operations."},
                                    {MetricSpec::Kind::kHistogram, "seshat_bus_seconds",
                                     "How long event bus operations took; receiving includes the wait."}};
constexpr MetricSpec kEvents{MetricSpec::Kind::kCounter, "seshat_bus_events_total",
                             "Events published, received, acknowledged, retried."};

class MeteredEventBus : public EventBus {
 public:
  MeteredEventBus(std::unique_ptr<EventBus> inner, Metrics& metrics)
      : inner_(std::move(inner)), meter_(metrics, kBus) {}

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    return meter_.Run("ensure_subscription", [&] { return inner_->EnsureSubscription(spec); });
  }
  Status Publish(std::span<const Event> events) override {
    auto status = meter_.Run("publish", [&] { return inner_->Publish(events); });
    if (status) Events("publish", events.size());
    return status;
  }
  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        std::stop_token stop) override {
    auto deliveries = meter_.Run("receive", [&] { return inner_->Receive(subscription, options, std::move(stop)); });
    if (deliveries) Events("receive", deliveries->size());
    return deliveries;
  }
  Status Acknowledge(std::string_view subscription, std::span<const std::string> handles) override {
    auto status = meter_.Run("acknowledge", [&] { return inner_->Acknowledge(subscription, handles); });
    if (status) Events("acknowledge", handles.size());
    return status;
  }
  Status Retry(std::string_view subscription, std::string_view handle, std::chrono::milliseconds delay,
               std::string_view reason) override {
    auto status = meter_.Run("retry", [&] { return inner_->Retry(subscription, handle, delay, reason); });
    if (status) Events("retry", 1);
    return status;
  }
  Status Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease) override {
    return meter_.Run("extend", [&] { return inner_->Extend(subscription, handle, lease); });
  }
  Result<DeadLetterPage> DeadLetters(std::string_view subscription, std::string_view start_after,
                                     size_t limit) override {
    return meter_.Run("dead_letters", [&] { return inner_->DeadLetters(subscription, start_after, limit); });
  }
  Result<uint64_t> Redrive(std::string_view subscription, std::span<const std::string> ids) override {
    return meter_.Run("redrive", [&] { return inner_->Redrive(subscription, ids); });
  }
  Result<SubscriptionStats> Stats(std::string_view subscription) override {
    return meter_.Run("stats", [&] { return inner_->Stats(subscription); });
  }

 private:
  void Events(std::string_view operation, size_t count) {
    if (count > 0) meter_.metrics().Record(kEvents, static_cast<double>(count), {{"operation", operation}});
  }

  std::unique_ptr<EventBus> inner_;
  metered::CallMeter meter_;
};

}  // namespace

std::unique_ptr<EventBus> Metered(std::unique_ptr<EventBus> inner, Metrics& metrics) {
  return std::make_unique<MeteredEventBus>(std::move(inner), metrics);
}

}  // namespace seshat::metered
