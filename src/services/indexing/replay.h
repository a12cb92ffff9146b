// Replay: tells the event bus once more what the blob store holds. For a new subscriber, a new processor, or a
// bus that was lost.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/random.h"

namespace seshat::indexing {

struct ReplayOptions {
  std::optional<SessionId> session;  // absent: all
  bool migrated = true;              // SessionMigratedEvent of the newest revision
  bool processed = false;            // FileProcessedEvent for each receipt, and each failure record without one
};

struct ReplaySummary {
  uint64_t sessions = 0;              // announced
  uint64_t events = 0;                // published
  uint64_t unfinished = 0;            // without a manifest
  std::vector<std::string> failures;  // "<id>: <why>", of damaged records; at most 100
  uint64_t failed = 0;
};

// Events get new ids: whoever asks for a replay wants delivery, and a bus that drops duplicates must not take
// them for such. Subscribers recognise work that is done by its receipt or its document, never by an event's
// id. kNotFound where `session` has no manifest; other errors are the stores' and end the replay, which may
// simply be begun anew.
Result<ReplaySummary> Replay(BlobStore& store, EventBus& bus, Clock& clock, Random& random,
                             const ReplayOptions& options, const std::function<void(const ReplaySummary&)>& progress,
                             const std::stop_token& stop);

}  // namespace seshat::indexing
