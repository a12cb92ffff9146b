// The deliveries of a batch by the session that they are about: one look at a session serves them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/records/session_id.h"
#include "ports/event_bus.h"
#include "services/indexing/document_builder.h"

namespace seshat::indexing {

struct SessionEvents {
  SessionId id;
  std::vector<ExpectedManifest> expected;
  std::vector<size_t> places;  // of its deliveries in the batch
  uint32_t attempt = 1;        // of the one delivered most often
};

struct UnreadableEvent {
  size_t place = 0;
  Error error;
};

struct EventsBySession {
  std::vector<SessionEvents> sessions;  // in the order in which the batch names them first
  std::vector<UnreadableEvent> unreadable;
};

EventsBySession SortBySession(std::span<const Delivery> deliveries);

}  // namespace seshat::indexing
