// The migration journal in one SQLite file, synchronous=FULL: a change is on disk when Apply returns.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "ports/migration_journal.h"
#include "ports/random.h"

namespace seshat::sqlite_journal {

struct SqliteJournalOptions {
  std::filesystem::path path;  // <state_dir>/journal.db
  // For `status`, `why` and dry runs: beside a running agent; Apply answers kPermissionDenied. kNotFound
  // where there is no journal yet.
  bool read_only = false;
};

// Writing: makes file and directory where they are missing; takes an exclusive lock (<path>.lock) for as long
// as it lives, kAlreadyExists while another agent holds it: two agents must never share a journal. `random`
// is asked once, for the agent id of a new journal. kDataLoss where the file is no journal.
Result<std::unique_ptr<MigrationJournal>> MakeSqliteJournal(const SqliteJournalOptions& options, Random& random);

}  // namespace seshat::sqlite_journal
