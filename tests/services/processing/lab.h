// A processing service with everything around it in memory, but for the scratch directory.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_processor_runner/memory_processor_runner.h"
#include "adapters/memory_tracer/memory_tracer.h"
#include "adapters/scratch_directory/scratch_directory.h"
#include "core/records/event.h"
#include "core/records/manifest.h"
#include "core/records/manifest_pages.h"
#include "services/processing/processing_service.h"
#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::testing {

// Processor "copy" version "1": by default writes "<input name>.copy" and "folder/length".
processing::ProcessorSpec CopySpec();

struct LabOptions {
  std::vector<processing::ProcessorSpec> processors{CopySpec()};
  memory_processor_runner::ProcessorFunction function;  // none: that of "copy"
  std::chrono::milliseconds lease{60'000};
  memory_blob_store::MemoryBlobOptions blobs;
  size_t max_outputs = processing::ProcessingOptions().max_outputs;
};

class Lab {
 public:
  explicit Lab(LabOptions options = {});

  // Stores the files and the manifest, and announces it. Paths in `unchanged_since` keep the key of revision 1.
  Manifest AddSession(const std::string& id, const std::map<std::string, std::string>& files, uint32_t revision = 1,
                      const std::vector<std::string>& unchanged = {});
  void Announce(const Manifest& manifest, const std::string& event_id);

  // On the ports given here instead of the lab's own.
  std::unique_ptr<processing::ProcessingService> Service(BlobStore& on_store, EventBus& on_bus,
                                                         ProcessorRunner& on_runner, Scratch& on_scratch);
  std::unique_ptr<processing::ProcessingService> Service() { return Service(*store, *bus, *runner, *scratch); }

  // Rounds of planner and worker, hours apart, until nothing is waiting any more (or `rounds` have passed).
  void RunUntilQuiet(processing::ProcessingService& service, int rounds = 400);
  bool Quiet();

  std::string ReceiptKeyOf(const std::string& id, const std::string& raw = "raw/a.bin",
                           const std::string& processor = "copy-1") const;
  std::optional<std::string> Get(const std::string& key);
  std::vector<std::string> Keys(const std::string& prefix);
  // Of the session: all receipts, each with its outputs checked against the store.
  std::vector<Receipt> Receipts(const std::string& id);
  std::vector<ProcessingFailure> Failures(const std::string& id);
  // FileProcessedEvents since the last call.
  std::vector<FileProcessed> Processed();
  std::vector<DeadLetter> DeadLetters(std::string_view subscription = processing::kProcessingFilesSubscription);
  Result<RunReport> Copy(const ProcessorRun& run);

  TempDir directory;
  FakeClock clock;
  SeededRandom random;
  MemoryLogger logger;
  MemoryMetrics metrics;
  memory_tracer::MemoryTracer tracer{clock, random};
  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs;
  std::unique_ptr<BlobStore> store;
  std::unique_ptr<EventBus> bus;
  std::unique_ptr<ProcessorRunner> runner;
  std::unique_ptr<Scratch> scratch;
  std::atomic<int> runs = 0;
  std::optional<ManifestLimits> pages;  // sessions are added with manifests in pages

 private:
  LabOptions options_;
};

}  // namespace seshat::testing
