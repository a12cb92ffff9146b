// Records with something in every part, and what the cases of the journal's suite read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/migration_journal/migration_journal_suite.h"
#include "ports/migration_journal.h"

namespace seshat::conformance::journal {

using Cases = std::span<const Case<MigrationJournalHarness>>;
Cases SessionCases();
Cases FilterCases();
Cases FileCases();
Cases ChangeCases();

Timestamp At(int64_t seconds);
Fingerprint Print(std::string_view path);
Observation Seen(std::string_view what, bool complete);
// Committed revision 7 of `what` at second 200.
Progress Stored(std::string_view what);
FileRecord File(std::string path, uint64_t plan, FileState state);
Event Announced(std::string id);

void Put(MigrationJournalHarness& h, const JournalChange& change);
// "source/id" of each.
std::vector<std::string> Ids(const Result<std::vector<SessionRecord>>& records);
std::vector<std::string> Paths(const Result<std::vector<FileRecord>>& files);
std::vector<std::string> EventIds(const Result<std::vector<Event>>& events);

using Names = std::vector<std::string>;

}  // namespace seshat::conformance::journal
