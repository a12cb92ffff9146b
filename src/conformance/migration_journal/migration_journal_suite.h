// What every MigrationJournal must do.
#pragma once

#include <memory>
#include <optional>
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
  // What another agent is told that opens the same journal. Nothing: the harness cannot stage that.
  virtual std::optional<Status> OpenSecond() { return std::nullopt; }
  // The same journal for reading, beside the agent. Null: the harness cannot stage that.
  virtual std::unique_ptr<MigrationJournal> OpenReader() { return nullptr; }
};

std::span<const Case<MigrationJournalHarness>> MigrationJournalCases();

}  // namespace seshat::conformance
