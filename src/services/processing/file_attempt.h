// One attempt at one file: from the blob store to the scratch disk, through the processor, and back.
#pragma once

#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/records/event.h"
#include "core/records/manifest.h"
#include "ports/processor_runner.h"
#include "ports/scratch.h"
#include "services/processing/processing_service.h"
#include "services/processing/processor_spec.h"
#include "services/processing/result_store.h"
#include "services/records/manifest_reader.h"

namespace seshat::processing {

struct AttemptFailure {
  // The file or the processor is at fault: the same will happen again. Otherwise it is the surroundings (the
  // store, the disk, a worker that is stopping), and more patience may help.
  bool of_the_run = false;
  Error error;
  std::string log_tail;  // raw bytes
};

class FileAttempt {
 public:
  // All must outlive it.
  FileAttempt(const ProcessingPorts& ports, const ProcessingOptions& options, stored::ManifestCache& manifests,
              const FileProcessingRequested& request, const ProcessorSpec& spec, ResultStore& results)
      : ports_(ports), options_(options), manifests_(manifests), request_(request), spec_(spec), results_(results) {}

  // After success a receipt is there: ours, or that of somebody who was faster. `span` is the delivery's; the parts of the
  // work have theirs below it.
  std::expected<void, AttemptFailure> Run(const Span& span, const std::stop_token& stop);

 private:
  Result<std::filesystem::path> Fetch(ScratchArea& area, const std::string& label, const std::string& key,
                                      uint64_t size, const Sha256& sha256, const std::stop_token& stop);
  Result<std::vector<ProcessorSibling>> FetchSiblings(ScratchArea& area, const std::stop_token& stop);
  Result<ProcessorRun> Prepare(ScratchArea& area, const std::stop_token& stop);
  Result<CollectedOutputs> Collect(ScratchArea& area, const Span& span);
  Result<RunReport> RunProcessor(const ProcessorRun& run, Span& span, const std::stop_token& stop);
  // What the run wrote, and the receipt.
  std::expected<void, AttemptFailure> Store(ScratchArea& area, const RunReport& report, Timestamp started, Span& span,
                                            const std::stop_token& stop);
  void Measure(const RunReport& report) const;

  const ProcessingPorts& ports_;
  const ProcessingOptions& options_;
  stored::ManifestCache& manifests_;
  const FileProcessingRequested& request_;
  const ProcessorSpec& spec_;
  ResultStore& results_;
};

}  // namespace seshat::processing
