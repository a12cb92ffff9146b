// What a run of the pipeline has come to: the numbers and the examples that `seshat up` ends with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "ports/metadata_store.h"
#include "ports/migration_journal.h"

namespace seshat::operations {

struct RunSummary {
  uint64_t sessions = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::optional<uint64_t> results;  // absent where the one that was asked does not know
  // For examples: a session, if possible one with metadata, and a query that finds it; may be empty.
  std::string session;
  std::string query;
};

// Of everything searchable; reads the index page by page.
Result<RunSummary> Summarise(MetadataStore& index);
// Of what an agent has stored. It cannot read what others made of it.
Result<RunSummary> Summarise(MigrationJournal& journal);

}  // namespace seshat::operations
