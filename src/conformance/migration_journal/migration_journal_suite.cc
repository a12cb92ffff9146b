#include "conformance/migration_journal/migration_journal_suite.h"

#include <vector>

#include "conformance/migration_journal/journal_samples.h"

namespace seshat::conformance {

std::span<const Case<MigrationJournalHarness>> MigrationJournalCases() {
  static const auto all = [] {
    std::vector<Case<MigrationJournalHarness>> cases;
    for (const auto part :
         {journal::SessionCases(), journal::FilterCases(), journal::FileCases(), journal::ChangeCases()})
      cases.insert(cases.end(), part.begin(), part.end());
    return cases;
  }();
  return all;
}

}  // namespace seshat::conformance
