// What every MigrationJournal must do.
#pragma once

#include <memory>
#include <span>

#include "conformance/suite.h"
#include "ports/migration_journal.h"

namespace seshat::conformance {

class MigrationJournalHarness {
 public:
  virtual ~MigrationJournalHarness() = default;
  virtual MigrationJournal& journal() = 0;
  // The agent ends and starts again.
  virtual void Reopen() = 0;
};

std::span<const Case<MigrationJournalHarness>> MigrationJournalCases();

}  // namespace seshat::conformance
