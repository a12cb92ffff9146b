// One SessionMigratedEvent → the requests for its files.
#pragma once

#include <stop_token>
#include <string>

#include "core/base/error.h"
#include "core/records/event.h"
#include "ports/event_bus.h"
#include "services/consuming/handler.h"
#include "services/processing/processing_service.h"
#include "services/records/stored_manifest.h"

namespace seshat::processing {

class Planner : public consuming::Handler {
 public:
  // Both must outlive it.
  Planner(const ProcessingPorts& ports, const ProcessingOptions& options) : ports_(ports), options_(options) {}

  // Done when what is to be done is published.
  consuming::Verdict Handle(const Delivery& delivery, const consuming::Turn& turn) override;

 private:
  Status Plan(const Event& event, Span& span, const std::stop_token& stop);
  Status PlanProcessor(const Event& cause, const Span& span, const stored::StoredManifest& manifest,
                       const ProcessorSpec& spec, const std::stop_token& stop);
  Result<Event> Request(const Event& cause, const Span& span, const FileProcessingRequested& request);

  const ProcessingPorts& ports_;
  const ProcessingOptions& options_;
};

}  // namespace seshat::processing
