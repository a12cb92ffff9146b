// What the migration service works on. Every part of it is given these.
#pragma once

#include "ports/blob_store.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "ports/metrics.h"
#include "ports/migration_journal.h"
#include "ports/random.h"
#include "ports/tracer.h"

namespace seshat::migration {

// All must outlive the service and be safe from several threads.
struct Ports {
  BlobStore& store;  // opened with BlobAccess::kWriteOnly
  EventBus& bus;
  MigrationJournal& journal;
  Clock& clock;
  Random& random;
  Logger& logger;
  Metrics& metrics;
  Tracer& tracer;
};

}  // namespace seshat::migration
