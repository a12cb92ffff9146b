#include "services/processing/processing_service.h"

#include <algorithm>
#include <utility>

#include "core/records/event.h"
#include "services/consuming/consumer.h"
#include "services/processing/planner.h"
#include "services/processing/worker.h"

namespace seshat::processing {
namespace {

constexpr uint32_t kPlannerAttempts = 20;

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
        worker_(ports_, options_, Deliveries(options_.processors)),
        plans_({ports_.bus, ports_.clock, ports_.random, ports_.logger}, Consumption(kProcessingSubscription),
               planner_handler_),
        works_({ports_.bus, ports_.clock, ports_.random, ports_.logger}, Consumption(kProcessingFilesSubscription),
               worker_handler_) {}

  void RunPlanner(std::stop_token stop) override { plans_.Run(std::move(stop)); }
  void RunWorker(std::stop_token stop) override { works_.Run(std::move(stop)); }
  Result<size_t> PlanOnce(std::stop_token stop) override { return plans_.RunOnce(std::move(stop)); }
  Result<size_t> WorkOnce(std::stop_token stop) override { return works_.RunOnce(std::move(stop)); }
  consuming::BatchHandler& planner() override { return planner_handler_; }
  consuming::BatchHandler& worker() override { return worker_handler_; }

 private:
  consuming::ConsumerOptions Consumption(std::string_view subscription) const {
    return {.subscription = std::string(subscription), .receive_wait = options_.receive_wait, .lease = options_.lease};
  }

  const ProcessingPorts ports_;
  const ProcessingOptions options_;
  Planner planner_;
  Worker worker_;
  consuming::OneByOne planner_handler_{planner_};
  consuming::OneByOne worker_handler_{worker_};
  consuming::Consumer plans_;
  consuming::Consumer works_;
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
