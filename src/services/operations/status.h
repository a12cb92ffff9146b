// How far everything is, and what needs a person: what `seshat status` shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/metadata_store.h"
#include "ports/migration_journal.h"
#include "services/migration/migration_view.h"
#include "services/operations/running_process.h"

namespace seshat::operations {

struct SubscriptionState {
  std::string name;
  SubscriptionStats stats;
};

struct StatusReport {
  bool agent_has_run = false;                       // otherwise there is nothing to say of sources
  std::vector<migration::SourceStatus> sources;     // the configured ones first
  std::vector<migration::SessionStatus> attention;  // partial and conflicting sessions, at most kMaxAttention
  std::vector<SubscriptionState> subscriptions;
  std::vector<RunningProcess> processes;
  uint64_t searchable = 0;    // sessions in the index
  std::string store_problem;  // why uploads pause; empty: they do not
  std::string store;          // URL
  std::string state_directory;
};

// More of them than that nobody reads; the journal has them all.
inline constexpr size_t kMaxAttention = 20;

struct StatusQuestion {
  MigrationJournal* journal = nullptr;  // null: no agent has run here yet
  EventBus& bus;
  MetadataStore& index;
  Clock& clock;
  std::vector<std::string> sources;        // of the configuration
  std::vector<std::string> subscriptions;  // in the order in which a session passes them
  // Passed on as they are.
  std::vector<RunningProcess> processes = {};
  std::string store = {};
  std::string state_directory = {};
};

// Sources that the journal knows and the configuration does not (those of a flag) are among the answer. Errors are
// those of the ports; nothing is left out silently.
Result<StatusReport> LookAtStatus(const StatusQuestion& question);

}  // namespace seshat::operations
