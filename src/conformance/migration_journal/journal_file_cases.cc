// What a journal remembers of the files of sessions.
#include <gtest/gtest.h>

#include <string>

#include "conformance/migration_journal/journal_samples.h"

namespace seshat::conformance::journal {
namespace {

const SessionRef kRun1{"rig", "run-1"};

void FilesAreKept(MigrationJournalHarness& h) {
  const std::string odd = std::string("a\xFF") + "b/\n";
  const FileRecord file = File(odd, 9, FileState::kStored);
  const FileRecord plain{.path = "plain"};
  Put(h, {.files = {{kRun1, file}, {kRun1, plain}}});
  h.Reopen();
  EXPECT_EQ(h.journal().FindFile(kRun1, odd).value(), file);
  EXPECT_EQ(h.journal().FindFile(kRun1, "plain").value(), plain);
  const auto listed = h.journal().ListFiles({.session = kRun1}).value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0], file);
  EXPECT_EQ(listed[1], plain);
}

void FilesAreReplacedByPath(MigrationJournalHarness& h) {
  Put(h, {.files = {{kRun1, File("a", 1, FileState::kPending)}, {kRun1, File("b", 1, FileState::kPending)}}});
  Put(h, {.files = {{kRun1, FileRecord{.path = "a"}}}});
  EXPECT_EQ(h.journal().FindFile(kRun1, "a").value(), FileRecord{.path = "a"});
  EXPECT_EQ(h.journal().FindFile(kRun1, "b").value(), File("b", 1, FileState::kPending));
}

void FilesMakeTheirSession(MigrationJournalHarness& h) {
  Put(h, {.files = {{kRun1, File("a", 1, FileState::kPending)}}});
  const auto record = h.journal().FindSession(kRun1).value();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->observation, Observation{});
  EXPECT_EQ(record->progress, Progress{});
  EXPECT_EQ(Ids(h.journal().ListSessions({})), Names{"rig/run-1"});
}

void FilesLeaveTheirSessionAlone(MigrationJournalHarness& h) {
  Put(h, {.observations = {{kRun1, Seen("a", true)}}, .progress = {{kRun1, Stored("b")}}});
  Put(h, {.files = {{kRun1, File("a", 1, FileState::kPending)}}});
  const auto record = h.journal().FindSession(kRun1).value().value();
  EXPECT_EQ(record.observation, Seen("a", true));
  EXPECT_EQ(record.progress, Stored("b"));
}

void FilesComeInPagesByBytes(MigrationJournalHarness& h) {
  JournalChange change;
  for (const char* path : {"b", "a/b", "\xFF", "a", "B"})
    change.files.emplace_back(kRun1, File(path, 1, FileState::kStored));
  Put(h, change);
  auto& j = h.journal();
  EXPECT_EQ(Paths(j.ListFiles({.session = kRun1})), (Names{"B", "a", "a/b", "b", "\xFF"}));
  EXPECT_EQ(Paths(j.ListFiles({.session = kRun1, .limit = 2})), (Names{"B", "a"}));
  EXPECT_EQ(Paths(j.ListFiles({.session = kRun1, .after = "a", .limit = 2})), (Names{"a/b", "b"}));
  EXPECT_EQ(Paths(j.ListFiles({.session = kRun1, .after = "\xFF"})), Names{});
}

void PutThreePlans(MigrationJournalHarness& h) {
  Put(h, {.files = {{kRun1, File("a", 1, FileState::kPending)},
                    {kRun1, File("b", 2, FileState::kIntended)},
                    {kRun1, File("c", 1, FileState::kStored)},
                    {kRun1, File("d", 3, FileState::kSkipped)}}});
}

void FilesOfOnePlan(MigrationJournalHarness& h) {
  PutThreePlans(h);
  EXPECT_EQ(Paths(h.journal().ListFiles({.session = kRun1, .plan = 1})), (Names{"a", "c"}));
  EXPECT_EQ(Paths(h.journal().ListFiles({.session = kRun1, .plan = 0})), Names{});
}

void FilesOfOtherPlans(MigrationJournalHarness& h) {
  PutThreePlans(h);
  EXPECT_EQ(Paths(h.journal().ListFiles({.session = kRun1, .not_plan = 1})), (Names{"b", "d"}));
}

void UnfinishedFiles(MigrationJournalHarness& h) {
  PutThreePlans(h);
  auto& j = h.journal();
  EXPECT_EQ(Paths(j.ListFiles({.session = kRun1, .unfinished = true})), (Names{"a", "b"}));
  EXPECT_EQ(Paths(j.ListFiles({.session = kRun1, .plan = 1, .unfinished = true})), Names{"a"});
  EXPECT_EQ(Paths(j.ListFiles({.session = kRun1, .after = "a", .unfinished = true})), Names{"b"});
}

void FilesOfSessionsKeepApart(MigrationJournalHarness& h) {
  const SessionRef other{"two", "run-1"};
  Put(h, {.files = {{kRun1, File("a", 1, FileState::kStored)}, {other, File("a", 2, FileState::kStored)}}});
  EXPECT_EQ(h.journal().FindFile(kRun1, "a").value().value().plan, 1U);
  EXPECT_EQ(h.journal().FindFile(other, "a").value().value().plan, 2U);
  EXPECT_EQ(Paths(h.journal().ListFiles({.session = other})), Names{"a"});
  EXPECT_EQ(Paths(h.journal().ListFiles({.session = {"rig", "run-2"}})), Names{});
}

constexpr Case<MigrationJournalHarness> kCases[] = {
    {"FilesAreKept", FilesAreKept},
    {"FilesAreReplacedByPath", FilesAreReplacedByPath},
    {"FilesMakeTheirSession", FilesMakeTheirSession},
    {"FilesLeaveTheirSessionAlone", FilesLeaveTheirSessionAlone},
    {"FilesComeInPagesByBytes", FilesComeInPagesByBytes},
    {"FilesOfOnePlan", FilesOfOnePlan},
    {"FilesOfOtherPlans", FilesOfOtherPlans},
    {"UnfinishedFiles", UnfinishedFiles},
    {"FilesOfSessionsKeepApart", FilesOfSessionsKeepApart},
};

}  // namespace

Cases FileCases() { return kCases; }

}  // namespace seshat::conformance::journal
