// Whether a process can do its work: what /readyz answers.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "ports/blob_store.h"
#include "ports/event_bus.h"
#include "ports/metadata_store.h"
#include "ports/migration_journal.h"

namespace seshat::operations {

// What the process works with. Null: it has none, or may not read it.
struct ReadinessQuestion {
  EventBus& bus;
  std::vector<std::string> subscriptions;  // that it consumes
  MetadataStore* index = nullptr;
  BlobStore* store = nullptr;
  MigrationJournal* journal = nullptr;
};

// Consumers ask their queue, the store and the index. An agent may not read anything, so it answers by what its last
// writes said: kUnavailable while uploads pause. Every error names what is not ready. Blocks as long as these ports do.
Status CheckReady(const ReadinessQuestion& question);

}  // namespace seshat::operations
