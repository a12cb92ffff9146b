// Whether everything that the sources hold has gone all its way.
#pragma once

#include <vector>

#include "composition/roles.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/migration_journal.h"

namespace seshat::composition {

struct PipelineQuestion {
  MigrationJournal* journal = nullptr;  // null: the sources are not looked at
  EventBus& bus;
  std::vector<std::string> sources;
  std::vector<std::string> subscriptions;  // in the order in which a session passes them
  Timestamp since{};                       // scans before this do not count
};

Result<PipelineState> LookAtPipeline(const PipelineQuestion& question);

}  // namespace seshat::composition
