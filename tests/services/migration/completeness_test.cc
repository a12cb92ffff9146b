// The rules of completeness on their way through scans and uploads: the list of expected files, the marker, the
// metadata file, and all of them at once.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/migration/lab.h"

namespace seshat::testing {
namespace {

using migration::SessionState;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Nothing of the session may have reached the store.
void ExpectWaiting(Lab& lab, const std::string& for_what) {
  lab.Settle(3);
  const auto why = lab.Why("run-1");
  EXPECT_EQ(why.state, SessionState::kWaiting);
  EXPECT_THAT(why.why, HasSubstr(for_what));
  EXPECT_FALSE(why.until) << "no clock brings it";
  EXPECT_THAT(lab.Keys(), Each(Not(StartsWith("run-1/"))));
}

void ExpectStored(Lab& lab, size_t files) {
  lab.Settle(3);
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kCommitted) << lab.Why("run-1").why;
  EXPECT_EQ(lab.Stored("run-1").size(), files);
}

migration::SourceSpec SpecWith(const std::function<void(migration::CompletenessRules&)>& set) {
  auto spec = QuickSpec("rig");
  set(spec.complete);
  return spec;
}

TEST(ExpectedList, WaitsForTheListAndForEverythingItNames) {
  Lab lab;
  memory_source::MemorySource& rig = lab.AddSource(SpecWith([](auto& rules) { rules.expected_list = "*.sha256"; }));
  rig.Write("run-1/a.bin", "a");
  ExpectWaiting(lab, "the list of its files, '*.sha256'");
  // Comments, blank lines, "./", CRLF and repetitions are what real lists have.
  rig.Write("run-1/all.sha256", "# camera 1\r\n\r\na.bin\r\n./deep/b.bin\r\ndeep/c.bin\r\na.bin\r\n");
  ExpectWaiting(lab, "2 of 3 files named in 'all.sha256' (the first is 'deep/b.bin')");
  rig.Write("run-1/deep/b.bin", "b");
  ExpectWaiting(lab, "1 of 3 files named in 'all.sha256' (the first is 'deep/c.bin')");
  rig.Write("run-1/deep/c.bin", "c");
  ExpectStored(lab, 4);
}

TEST(ExpectedList, WhatIsNoRegularFileDoesNotCount) {
  Lab lab;
  memory_source::MemorySource& rig = lab.AddSource(SpecWith([](auto& rules) { rules.expected_list = "files"; }));
  rig.Write("run-1/files", "a.bin");
  rig.MakeSpecial("run-1/a.bin", EntryKind::kSymlink);
  ExpectWaiting(lab, "1 of 1 files named in 'files'");
  rig.Remove("run-1/a.bin");
  rig.Write("run-1/a.bin", "a");
  ExpectStored(lab, 2);
}

TEST(ExpectedList, ThatCannotBeReadOrIsTooLargeIsSaidAndWaitedFor) {
  Lab lab;
  memory_source::MemorySource& rig = lab.AddSource(SpecWith([](auto& rules) { rules.expected_list = "files"; }));
  rig.Write("run-1/a.bin", "a");
  rig.Write("run-1/files", "a.bin");
  rig.SetReadable("run-1/files", false);
  ExpectWaiting(lab, "its list of files to be readable");
  rig.SetReadable("run-1/files", true);
  rig.Write("run-1/files", std::string((4 << 20) + 1, '\n'));
  ExpectWaiting(lab, "its list of files, 'files', to be at most 4 MiB");
  rig.Write("run-1/files", "a.bin");
  ExpectStored(lab, 2);
}

TEST(ExpectedList, OfFilesThatNobodyMadeYetGrowsWithTheSession) {
  Lab lab;
  memory_source::MemorySource& rig = lab.AddSource(SpecWith([](auto& rules) { rules.expected_list = "files"; }));
  rig.Write("run-1/files", "a.bin");
  rig.Write("run-1/a.bin", "a");
  ExpectStored(lab, 2);
  // A longer list is a change like any other: the next revision waits for what it names.
  rig.Write("run-1/files", "a.bin\nb.bin\n");
  lab.Settle(3);
  EXPECT_THAT(lab.Why("run-1").why, HasSubstr("1 of 2 files named in 'files' (the first is 'b.bin')"));
  EXPECT_EQ(lab.Newest("run-1")->revision, 1U);
  rig.Write("run-1/b.bin", "b");
  lab.Settle(3);
  EXPECT_EQ(lab.Newest("run-1")->revision, 2U);
  EXPECT_EQ(lab.Stored("run-1").size(), 3U);
}

TEST(Marker, OfTheSessionItselfIsWaitedFor) {
  Lab lab;
  memory_source::MemorySource& rig = lab.AddSource(SpecWith([](auto& rules) { rules.marker = "DONE"; }));
  rig.Write("run-1/a.bin", "a");
  rig.Write("run-2/DONE", "");
  ExpectWaiting(lab, "a file that matches the marker 'DONE'");
  rig.MakeSpecial("run-1/DONE", EntryKind::kFifo);
  ExpectWaiting(lab, "a file that matches the marker 'DONE'");
}

// Each rule alone lacks in turn; the session is stored only when none does, in whatever order things come.
TEST(AllRules, MustHoldAtOnce) {
  const std::vector<std::pair<std::string, std::string>> parts{{"run-1/DONE", ""},
                                                               {"run-1/files", "a.bin"},
                                                               {"run-1/a.bin", "a"},
                                                               {"run-1/camera.avi", "film"},
                                                               {"run-1/metadata.txt", "operator: Ada"}};
  const std::vector<std::string> lacks{"the marker 'DONE'", "the list of its files, 'files'",
                                       "1 of 1 files named in 'files'", "a file that matches '*.avi'",
                                       "its metadata file"};
  for (size_t last = 0; last < parts.size(); ++last) {
    SCOPED_TRACE(parts[last].first);
    Lab lab;
    memory_source::MemorySource& rig = lab.AddSource(SpecWith([](auto& rules) {
      rules.marker = "DONE";
      rules.expected_list = "files";
      rules.expected = {"*.avi"};
      rules.metadata = true;
    }));
    for (size_t i = 0; i < parts.size(); ++i)
      if (i != last) rig.Write(parts[i].first, parts[i].second);
    ExpectWaiting(lab, lacks[last]);
    for (size_t i = 0; i < lacks.size(); ++i) {
      if (i == last) continue;
      EXPECT_THAT(lab.Why("run-1").why, Not(HasSubstr(lacks[i])));
    }
    rig.Write(parts[last].first, parts[last].second);
    ExpectStored(lab, parts.size());
  }
}

TEST(AllRules, QuietTimeCountsFromTheLastChangeAndTellsUntilWhen) {
  Lab lab;
  auto spec = SpecWith([](auto& rules) { rules.marker = "DONE"; });
  spec.complete.quiet = std::chrono::seconds(60);
  memory_source::MemorySource& rig = lab.AddSource(spec);
  rig.Write("run-1/a.bin", "a");
  rig.Write("run-1/DONE", "");
  lab.Round();
  const auto seen = lab.clock.Now();
  EXPECT_EQ(lab.Why("run-1").until, seen + std::chrono::seconds(60));
  lab.clock.Advance(std::chrono::seconds(59));
  rig.Write("run-1/a.bin", "A");  // the marker was written too early
  lab.Round();
  lab.clock.Advance(std::chrono::seconds(59));
  lab.Round();
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kWaiting);
  EXPECT_THAT(lab.Keys(), IsEmpty());
  lab.clock.Advance(std::chrono::seconds(1));
  lab.Round();
  EXPECT_EQ(lab.Stored("run-1").at("a.bin"), "A");
}

}  // namespace
}  // namespace seshat::testing
