// Whether everything that the sources hold has gone all its way: when `--until-idle` may end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "ports/event_bus.h"
#include "ports/migration_journal.h"

namespace seshat::operations {

// What keeps the pipeline from being idle, and what will not move by itself.
struct PipelineState {
  bool idle = false;
  std::string waiting_for;  // for people; empty when idle
  uint64_t stored = 0;      // sessions at the sources that are in the store
  uint64_t unfinished = 0;  // that wait for something which no clock brings: a marker, a file
  uint64_t partial = 0;
  uint64_t conflicts = 0;
  uint64_t refused = 0;               // names at the sources that cannot be session ids
  uint64_t dead = 0;                  // dead letters
  std::vector<std::string> problems;  // of sources and of the store
};

struct PipelineQuestion {
  MigrationJournal* journal = nullptr;  // null: the sources are not looked at
  EventBus& bus;
  std::vector<std::string> sources;
  std::vector<std::string> subscriptions;  // in the order in which a session passes them
  Timestamp since{};                       // scans before this do not count
};

// Looks in the direction in which sessions move (waiting, being stored, announced, consumed), so that what moves on
// meanwhile is seen further down. Errors are those of the journal and of the bus.
Result<PipelineState> LookAtPipeline(const PipelineQuestion& question);

}  // namespace seshat::operations
