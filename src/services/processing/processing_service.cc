#include "services/processing/processing_service.h"

#include <algorithm>
#include <utility>

#include "core/base/backoff.h"
#include "core/records/event.h"
#include "services/processing/planner.h"
#include "services/processing/worker.h"

namespace seshat::processing {
namespace {

constexpr uint32_t kPlannerAttempts = 20;
constexpr Backoff kBusBackoff{.base = std::chrono::milliseconds{100}, .cap = std::chrono::seconds{30}};

uint32_t Deliveries(std::span<const ProcessorSpec> processors) {
  uint32_t most = ProcessorSpec().max_attempts;
  for (const ProcessorSpec& spec : processors) most = std::max(most, spec.max_attempts);
  return most + kSpareDeliveries;
}

class Service : public ProcessingService {
 public:
  Service(ProcessingPorts ports, ProcessingOptions options)
      : ports_(ports),
        options_(std::move(options)),
        planner_(ports_, options_),
        worker_(ports_, options_, Deliveries(options_.processors)) {}

  void RunPlanner(std::stop_token stop) override {
    Loop(stop, [&] { return PlanOnce(stop); });
  }
  void RunWorker(std::stop_token stop) override {
    Loop(stop, [&] { return WorkOnce(stop); });
  }

  Result<size_t> PlanOnce(std::stop_token stop) override {
    SESHAT_ASSIGN(const auto deliveries, Receive(kProcessingSubscription, stop));
    for (const Delivery& delivery : deliveries) planner_.Handle(delivery, stop);
    return deliveries.size();
  }

  Result<size_t> WorkOnce(std::stop_token stop) override {
    SESHAT_ASSIGN(const auto deliveries, Receive(kProcessingFilesSubscription, stop));
    for (const Delivery& delivery : deliveries) worker_.Handle(delivery, stop);
    return deliveries.size();
  }

 private:
  // One at a time: the others then stay free for other workers.
  Result<std::vector<Delivery>> Receive(std::string_view subscription, const std::stop_token& stop) {
    const ReceiveOptions receive{.max_events = 1, .wait = options_.receive_wait, .lease = options_.lease};
    return ports_.bus.Receive(subscription, receive, stop);
  }

  template <typename Round>
  void Loop(const std::stop_token& stop, Round round) {
    uint32_t failures = 0;
    while (!stop.stop_requested()) {
      const Result<size_t> done = round();
      failures = done ? 0 : failures + 1;
      if (done) continue;
      ports_.logger.Warning("receiving from the event bus failed", {{"error", done.error().ToString()}});
      (void)ports_.clock.SleepFor(kBusBackoff.After(failures, RandomUnit(ports_.random)), stop);
    }
  }

  const ProcessingPorts ports_;
  const ProcessingOptions options_;
  Planner planner_;
  Worker worker_;
};

}  // namespace

std::vector<SubscriptionSpec> ProcessingSubscriptions(std::span<const ProcessorSpec> processors) {
  return {{.name = std::string(kProcessingSubscription),
           .types = {std::string(SessionMigrated::kType)},
           .max_attempts = kPlannerAttempts},
          {.name = std::string(kProcessingFilesSubscription),
           .types = {std::string(FileProcessingRequested::kType)},
           .max_attempts = Deliveries(processors)}};
}

Result<std::unique_ptr<ProcessingService>> MakeProcessingService(ProcessingPorts ports, ProcessingOptions options) {
  SESHAT_TRY(CheckProcessorSpecs(options.processors));
  if (options.lease < std::chrono::milliseconds{3})
    return Fail(ErrorCode::kInvalidArgument, "the lease of processing must be at least 3 ms");
  SESHAT_TRY(ports.scratch.Clean());
  return std::make_unique<Service>(ports, std::move(options));
}

}  // namespace seshat::processing
