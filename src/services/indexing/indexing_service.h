// Indexing: every session in the blob store has one document in the metadata store, built from the blob store
// alone.
//
// Subscription "indexing" (SessionMigratedEvent, FileProcessedEvent). An event only says which session to look
// at: its document is built anew from manifest, metadata file and records, and the metadata store keeps the
// highest version (docs/adr/0011). So duplicates, events out of order and crashes at any point change nothing.
// An event is acknowledged after its document is durable and SessionIndexedEvent is published; that event has
// the same id whenever the same document is announced again.
//
// While the metadata store is away (kUnavailable, or slow to the point that it does not even tell its state), the
// documents at hand wait for it and their leases are renewed: nothing else is received, so an outage of hours costs the
// waiting events one attempt and all others none. What was missed is caught up by itself.
//
// What cannot be indexed for other reasons is delivered again with exponential backoff and full jitter, kMaxAttempts
// times in all (about two hours); then it goes to the dead letters. An event whose text cannot be read, or whose manifest
// is damaged, comes back at once, so that it is a dead letter within seconds (services/consuming/verdict.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/query/session_document.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "ports/metadata_store.h"
#include "ports/metrics.h"
#include "ports/random.h"
#include "ports/tracer.h"
#include "services/consuming/handler.h"
#include "services/indexing/document_builder.h"

namespace seshat::indexing {

inline constexpr std::string_view kIndexingSubscription = "indexing";

// The composition root makes it in every process before anything is published.
SubscriptionSpec IndexingSubscription();

// All must outlive the service.
struct IndexingPorts {
  BlobStore& store;
  EventBus& bus;
  MetadataStore& index;
  Clock& clock;
  Random& random;
  Logger& logger;
  Metrics& metrics;
  Tracer& tracer;
};

struct IndexingOptions {
  DocumentOptions document;
  size_t batch_events = 100;
  std::chrono::milliseconds receive_wait{1'000};
  std::chrono::milliseconds lease{60'000};  // renewed at a third of it while working
  // After the n-th failed delivery: a random share of min(cap, base × 2^(n-1)).
  std::chrono::milliseconds backoff_base{1'000};
  std::chrono::milliseconds backoff_cap{std::chrono::minutes{10}};
  // How long the documents at hand wait for a metadata store that is away, asking it again at every third of a lease or
  // more often. Amazon SQS lets a message be held for twelve hours.
  std::chrono::milliseconds outage_patience{std::chrono::hours{10}};
  // Documents are handed to the metadata store together, up to this size of keys, values and paths.
  size_t batch_bytes = size_t{8} << 20;
  // Sessions that a reindex reads side by side: it waits for the blob store most of the time.
  size_t reindex_threads = 4;
  // How often a reindex tries a session again when the blob store or the metadata store is away.
  uint32_t reindex_attempts = 5;
};

struct ReindexProgress {
  uint64_t sessions = 0;    // found in the blob store
  uint64_t indexed = 0;     // of these: in the metadata store again
  uint64_t unfinished = 0;  // still being uploaded: no manifest
  // That cannot be indexed because their manifest is damaged or the metadata store refuses them:
  // "<id>: <why>", at most 100 of them.
  uint64_t failed = 0;
  std::vector<std::string> failures;
};

class IndexingService {
 public:
  virtual ~IndexingService() = default;

  // Works until `stop` is triggered; from several threads if need be. A bus that fails is tried again with
  // backoff; nothing that happens to one event ends the loop.
  virtual void Run(std::stop_token stop) = 0;

  // One round of Run: receives once, handles what came, answers how many events that were. The error is the
  // bus's own.
  virtual Result<size_t> IndexOnce(std::stop_token stop) = 0;

  // What Run does about its events, for whoever receives them in another way. Lives as long as the service.
  virtual consuming::BatchHandler& handler() = 0;

  // Builds and stores the document of one session, whatever events say. kNotFound where it has no manifest.
  virtual Result<SessionDocument> IndexSession(const SessionId& id, std::stop_token stop) = 0;

  // Rebuilds the metadata store from the blob store. Searches see the old content until the end; events that
  // are handled meanwhile, here or in another process, count. `progress` is called now and then, from one
  // thread at a time. Fails, with the old content as it was, where a store stays away or `stop` is triggered
  // (kCancelled), or where there are sessions and not one can be indexed (kDataLoss). Single damaged sessions
  // do not stop it: see ReindexProgress::failures.
  virtual Result<ReindexProgress> Reindex(const std::function<void(const ReindexProgress&)>& progress,
                                          std::stop_token stop) = 0;
};

std::unique_ptr<IndexingService> MakeIndexingService(const IndexingPorts& ports, const IndexingOptions& options = {});

}  // namespace seshat::indexing
