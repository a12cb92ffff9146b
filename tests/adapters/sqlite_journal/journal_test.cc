// The journal's suite on both adapters; what only the one in SQLite has to show.
#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/memory_journal/memory_journal.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "conformance/migration_journal/migration_journal_suite.h"
#include "support/fakes.h"
#include "support/fault_calls.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

using conformance::MigrationJournalHarness;

class MemoryHarness : public MigrationJournalHarness {
 public:
  MigrationJournal& journal() override { return *journal_; }
  void Reopen() override {}

 private:
  std::unique_ptr<MigrationJournal> journal_ = memory_journal::MakeMemoryJournal();
};

class SqliteHarness : public MigrationJournalHarness {
 public:
  SqliteHarness() { Open(); }
  MigrationJournal& journal() override { return *journal_; }
  void Reopen() override {
    journal_.reset();
    Open();
  }
  std::optional<Status> OpenSecond() override {
    const auto second = sqlite_journal::MakeSqliteJournal({.path = dir_ / "state/journal.db"}, random_);
    return second ? Status{} : std::unexpected(second.error());
  }
  std::unique_ptr<MigrationJournal> OpenReader() override {
    return sqlite_journal::MakeSqliteJournal({.path = dir_ / "state/journal.db", .read_only = true}, random_).value();
  }

 private:
  void Open() { journal_ = sqlite_journal::MakeSqliteJournal({.path = dir_ / "state/journal.db"}, random_).value(); }
  TempDir dir_;
  SeededRandom random_;
  std::unique_ptr<MigrationJournal> journal_;
};

JournalChange SomeChange() {
  const SessionRef session{"rig", "run-1"};
  JournalChange change;
  change.observations.emplace_back(session, Observation{.files = 1, .complete = true});
  change.progress.emplace_back(session, Progress{.revision = 1});
  change.files.emplace_back(session, FileRecord{.path = "a"});
  change.outbox.push_back({.id = "e", .type = "T", .source = "s", .data = "{}"});
  return change;
}

TEST(SqliteJournal, ReadersWorkBesideTheAgentAndCannotWrite) {
  TempDir dir;
  SeededRandom random;
  const auto none = sqlite_journal::MakeSqliteJournal({.path = dir / "journal.db", .read_only = true}, random);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  const auto agent = sqlite_journal::MakeSqliteJournal({.path = dir / "journal.db"}, random);
  ASSERT_TRUE(agent);
  const auto reader = sqlite_journal::MakeSqliteJournal({.path = dir / "journal.db", .read_only = true}, random);
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*agent)->Apply(SomeChange()));
  EXPECT_TRUE((*reader)->FindSession({"rig", "run-1"}).value().has_value());
  EXPECT_EQ((*reader)->Apply(SomeChange()).error().code, ErrorCode::kPermissionDenied);
}

// A change is there as a whole or not at all, whichever call fails.
TEST(SqliteJournal, ChangesAreAtomicUnderFaults) {
  SeededRandom random;
  for (const bool for_ever : {false, true}) {
    SweepFaults({.for_ever = for_ever, .files = true, .sqlite = true}, [&](const CallFaults& plan) {
      TempDir dir;
      auto journal = sqlite_journal::MakeSqliteJournal({.path = dir / "journal.db"}, random).value();
      uint64_t injected = 0;
      bool applied = false;
      {
        const FaultScope scope(plan);
        applied = journal->Apply(SomeChange()).has_value();
        injected = scope.injected();
      }
      journal.reset();
      journal = sqlite_journal::MakeSqliteJournal({.path = dir / "journal.db"}, random).value();
      const bool session = journal->FindSession({"rig", "run-1"}).value().has_value();
      const bool file = journal->FindFile({"rig", "run-1"}, "a").value().has_value();
      const bool event = !journal->Outbox(1).value().empty();
      EXPECT_EQ(session, file);
      EXPECT_EQ(session, event);
      EXPECT_TRUE(session || !applied) << "success was answered and nothing is there";
      return injected;
    });
  }
}

}  // namespace
}  // namespace seshat::testing

int main(int argc, char** argv) {
  using namespace seshat::testing;
  ::testing::InitGoogleTest(&argc, argv);
  const auto cases = seshat::conformance::MigrationJournalCases();
  seshat::conformance::RegisterSuite<MigrationJournalHarness>("MigrationJournal", "memory", cases,
                                                              [] { return std::make_unique<MemoryHarness>(); });
  seshat::conformance::RegisterSuite<MigrationJournalHarness>("MigrationJournal", "sqlite", cases,
                                                              [] { return std::make_unique<SqliteHarness>(); });
  return RUN_ALL_TESTS();
}
