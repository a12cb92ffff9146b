// The journal's contract in the most obvious form, for tests. A crash of the agent is a new service on the
// same object.
#pragma once

#include <memory>

#include "ports/migration_journal.h"

namespace seshat::memory_journal {

std::unique_ptr<MigrationJournal> MakeMemoryJournal(std::string agent_id = "memory-agent");

}  // namespace seshat::memory_journal
