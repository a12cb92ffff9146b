// One FileProcessingRequestedEvent, from its delivery to its end.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/event.h"
#include "ports/event_bus.h"
#include "services/consuming/handler.h"
#include "services/processing/file_attempt.h"
#include "services/processing/processing_service.h"
#include "services/processing/result_store.h"
#include "services/records/manifest_reader.h"

namespace seshat::processing {

class Worker : public consuming::Handler {
 public:
  // Both must outlive it. `deliveries` is the subscription's max_attempts.
  Worker(const ProcessingPorts& ports, const ProcessingOptions& options, uint32_t deliveries)
      : ports_(ports), options_(options), deliveries_(deliveries), manifests_(ports.store) {}

  consuming::Verdict Handle(const Delivery& delivery, const consuming::Turn& turn) override;

 private:
  using Verdict = consuming::Verdict;
  // An error means: hand it back after a fault of the surroundings.
  Result<Verdict> Decide(const Delivery& delivery, Span& span, const std::stop_token& stop);
  Result<Verdict> Judge(const Delivery& delivery, const Span& span, const FileProcessingRequested& request,
                        const ProcessorSpec& spec, ResultStore& results, const AttemptFailure& failure);
  Result<Verdict> GiveUp(const Delivery& delivery, const Span& span, const FileProcessingRequested& request,
                         ResultStore& results, const std::string& reason, const std::string& log_tail);
  Result<Verdict> AfterGivingUp(const Delivery& delivery, const Span& span, const FileProcessingRequested& request,
                                const FoundFailure& found);
  Status Announce(const Span& span, const FileProcessingRequested& request, const BlobKey& record,
                  ProcessingOutcome outcome);
  const ProcessorSpec* FindSpec(const FileProcessingRequested& request) const;

  const ProcessingPorts& ports_;
  const ProcessingOptions& options_;
  const uint32_t deliveries_;
  stored::ManifestCache manifests_;
};

}  // namespace seshat::processing
