// What a session is waiting for, and until when: what `seshat why` answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/metadata_store.h"
#include "ports/migration_journal.h"
#include "services/migration/migration_view.h"

namespace seshat::operations {

struct WhyQuestion {
  MetadataStore& index;
  MigrationJournal* journal = nullptr;  // null: no agent has run here yet
  Clock& clock;
};

struct WhyAnswer {
  std::vector<migration::SessionStatus> sessions;  // for each source that has it; none where only the index knows it
  bool searchable = false;
  // Of a searchable one.
  uint64_t files = 0;
  uint64_t results = 0;   // runs of processors that succeeded
  uint64_t failures = 0;  // that were given up
};

// kNotFound where neither a source nor the index has it, naming the nearest id; kInvalidArgument where it can be no
// session id; otherwise the errors of the ports.
Result<WhyAnswer> Why(const WhyQuestion& question, const std::string& session_id);

}  // namespace seshat::operations
