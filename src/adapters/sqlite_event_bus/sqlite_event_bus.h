// The event bus of one machine: a durable queue in one SQLite file, shared by any number of threads and
// processes.
//
// What is published, claimed and acknowledged at the same moment shares one transaction and one fsync
// (group_writer.h). A consumer in another process starts within a millisecond or so (wake_word.h). Leases and
// delays are kept in wall-clock time, as they must outlive the process; a clock set back makes them longer,
// events published meanwhile are not held up.
//
// Costs: two threads, two connections and up to 16 MiB of cache for each bus. Do not carry one across fork(2).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "ports/clock.h"
#include "ports/event_bus.h"

namespace seshat::sqlite_event_bus {

struct SqliteBusOptions {
  std::filesystem::path path;  // of the database, made where it is missing; "<path>-wake" lies beside it
  // How long the lock of another process is waited for before a call answers kUnavailable.
  std::chrono::milliseconds busy_timeout{10'000};
};

// `clock` must outlive the bus. Errors as sqlite::Database::Open and Migrate have them.
Result<std::unique_ptr<EventBus>> MakeSqliteEventBus(const SqliteBusOptions& options, Clock& clock);

}  // namespace seshat::sqlite_event_bus
