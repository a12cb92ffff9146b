// Processing: every file that a processor wants is processed once, and what came out lies in the blob store.
//
// Two roles, any number of each, in any number of processes:
//   planner   subscription "processing": SessionMigratedEvent → one FileProcessingRequestedEvent for each (file,
//             matching processor) that has no receipt yet
//   worker    subscription "processing-files": download, verify, run, collect, upload, receipt,
//             FileProcessedEvent
//
// Delivery is at least once; the effect is exactly once for each (stored file, processor, version): the
// receipt is written create-only after everything it names, and it alone says which outputs count.
//
// A run that fails is repeated, with exponential backoff and full jitter, up to ProcessorSpec::max_attempts.
// Then a failure record is written, FileProcessedEvent says "failed", and the request goes to the dead
// letters; redriving it may still end with a receipt. Faults that are not the processor's (the store is away,
// the disk is full, the file is in cold storage) wait longer between deliveries and have kSpareDeliveries
// more of them. docs/processors.md tells labs; docs/formats/receipt.md shows the records.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/records/storage_class.h"
#include "ports/blob_store.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "ports/metrics.h"
#include "ports/processor_runner.h"
#include "ports/random.h"
#include "ports/scratch.h"
#include "ports/tracer.h"
#include "services/consuming/handler.h"
#include "services/processing/processor_spec.h"

namespace seshat::processing {

inline constexpr std::string_view kProcessingSubscription = "processing";
inline constexpr std::string_view kProcessingFilesSubscription = "processing-files";
// Deliveries of a request beyond the largest max_attempts, for faults that are not the processor's.
inline constexpr uint32_t kSpareDeliveries = 4;

// All must outlive the service.
struct ProcessingPorts {
  BlobStore& store;
  EventBus& bus;
  ProcessorRunner& runner;
  Scratch& scratch;
  Clock& clock;
  Random& random;
  Logger& logger;
  Metrics& metrics;
  Tracer& tracer;
};

struct ProcessingOptions {
  std::vector<ProcessorSpec> processors;
  std::string worker_id;  // goes into receipts: the host's name, or anything that tells people where it ran
  std::chrono::milliseconds lease{60'000};  // renewed at a third of it while working
  std::chrono::milliseconds receive_wait{1'000};
  // After the n-th failed attempt: a random share of min(cap, base × 2^(n-1)).
  std::chrono::milliseconds backoff_base{2'000};
  std::chrono::milliseconds backoff_cap{std::chrono::minutes{10}};
  // Likewise, for faults that are not the processor's: × 4.
  std::chrono::milliseconds fault_backoff_base{30'000};
  std::chrono::milliseconds fault_backoff_cap{std::chrono::hours{6}};
  // Of one run; more is a failure. Ours: a receipt that names them all stays below 4 MB.
  size_t max_outputs = 10'000;
  PriceTable prices;  // choose the storage class of outputs
};

// The subscriptions of a bus on which `processors` are worked on: the composition root makes them in every
// process before anything is published.
std::vector<SubscriptionSpec> ProcessingSubscriptions(std::span<const ProcessorSpec> processors);

class ProcessingService {
 public:
  virtual ~ProcessingService() = default;

  // Both run until `stop` is triggered; RunWorker from as many threads as files shall be processed at a time.
  // A bus that fails is tried again with backoff; nothing that happens to one event ends a loop.
  virtual void RunPlanner(std::stop_token stop) = 0;
  virtual void RunWorker(std::stop_token stop) = 0;

  // One round of either: receives once, handles what came, answers how many that were. The loops are made of
  // these. Errors are the bus's own (receiving).
  virtual Result<size_t> PlanOnce(std::stop_token stop) = 0;
  virtual Result<size_t> WorkOnce(std::stop_token stop) = 0;

  // What either does about its events, for whoever receives them in another way. They live as long as the service.
  virtual consuming::BatchHandler& planner() = 0;
  virtual consuming::BatchHandler& worker() = 0;
};

// Checks the processors and cleans the scratch of what crashed runs left.
Result<std::unique_ptr<ProcessingService>> MakeProcessingService(ProcessingPorts ports, ProcessingOptions options);

}  // namespace seshat::processing
