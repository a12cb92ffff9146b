// What a journal remembers of sessions and sources.
#include <gtest/gtest.h>

#include <string>

#include "conformance/migration_journal/journal_samples.h"

namespace seshat::conformance::journal {
namespace {

const SessionRef kRun1{"rig", "run-1"};

void AgentIdStaysTheSame(MigrationJournalHarness& h) {
  const std::string agent = h.journal().AgentId().value();
  EXPECT_FALSE(agent.empty());
  Put(h, {.observations = {{kRun1, Seen("a", true)}}});
  EXPECT_EQ(h.journal().AgentId().value(), agent);
  h.Reopen();
  EXPECT_EQ(h.journal().AgentId().value(), agent);
}

void TellsWhatItDoesNotKnow(MigrationJournalHarness& h) {
  Put(h, {.observations = {{kRun1, Seen("a", true)}}});
  EXPECT_EQ(h.journal().FindObservation("rig", "x").value(), std::nullopt);
  EXPECT_EQ(h.journal().FindObservation("x", "run-1").value(), std::nullopt);
  EXPECT_EQ(h.journal().FindSession({"rig", "x"}).value(), std::nullopt);
  EXPECT_EQ(h.journal().FindFile({"rig", "x"}, "y").value(), std::nullopt);
  EXPECT_EQ(h.journal().FindFile(kRun1, "y").value(), std::nullopt);
  EXPECT_EQ(h.journal().FindSource("rig").value(), std::nullopt);
  EXPECT_TRUE(h.journal().ListFiles({.session = {"rig", "x"}}).value().empty());
}

void ObservationIsKept(MigrationJournalHarness& h) {
  const Observation seen = Seen("a", false);
  Put(h, {.observations = {{kRun1, seen}}});
  EXPECT_EQ(h.journal().FindObservation("rig", "run-1").value(), seen);
  h.Reopen();
  EXPECT_EQ(h.journal().FindObservation("rig", "run-1").value(), seen);
  const auto record = h.journal().FindSession(kRun1).value().value();
  EXPECT_EQ(record.session, kRun1);
  EXPECT_EQ(record.observation, seen);
  EXPECT_EQ(record.progress, Progress{});
}

void ProgressIsKept(MigrationJournalHarness& h) {
  Progress stored = Stored("b");
  stored.stage = Stage::kUploading;
  stored.recheck_at = At(60);
  stored.cleaned_at = At(70);
  Put(h, {.progress = {{kRun1, stored}}});
  h.Reopen();
  const auto record = h.journal().FindSession(kRun1).value().value();
  EXPECT_EQ(record.progress, stored);
  EXPECT_EQ(record.observation, Observation{});
}

void ObservationLeavesProgressAlone(MigrationJournalHarness& h) {
  Put(h, {.observations = {{kRun1, Seen("a", true)}}, .progress = {{kRun1, Stored("b")}}});
  Put(h, {.observations = {{kRun1, Seen("c", true)}}});
  const auto record = h.journal().FindSession(kRun1).value().value();
  EXPECT_EQ(record.observation, Seen("c", true));
  EXPECT_EQ(record.progress, Stored("b"));
}

void ProgressLeavesObservationAlone(MigrationJournalHarness& h) {
  Put(h, {.observations = {{kRun1, Seen("a", true)}}, .progress = {{kRun1, Stored("b")}}});
  Put(h, {.progress = {{kRun1, Stored("c")}}});
  const auto record = h.journal().FindSession(kRun1).value().value();
  EXPECT_EQ(record.observation, Seen("a", true));
  EXPECT_EQ(record.progress, Stored("c"));
}

void ObservationIsReplacedWhole(MigrationJournalHarness& h) {
  Put(h, {.observations = {{kRun1, Seen("a", false)}}});
  Put(h, {.observations = {{kRun1, Observation{}}}});
  EXPECT_EQ(h.journal().FindObservation("rig", "run-1").value(), Observation{});
}

void ProgressIsReplacedWhole(MigrationJournalHarness& h) {
  Put(h, {.progress = {{kRun1, Stored("a")}}});
  Put(h, {.progress = {{kRun1, Progress{}}}});
  EXPECT_EQ(h.journal().FindSession(kRun1).value().value().progress, Progress{});
}

void OneIdInTwoSourcesIsTwoSessions(MigrationJournalHarness& h) {
  Put(h, {.observations = {{kRun1, Seen("a", true)}, {{"two", "run-1"}, Seen("b", false)}},
          .progress = {{kRun1, Stored("a")}}});
  EXPECT_EQ(h.journal().FindObservation("rig", "run-1").value(), Seen("a", true));
  EXPECT_EQ(h.journal().FindObservation("two", "run-1").value(), Seen("b", false));
  EXPECT_EQ(h.journal().FindSession({"two", "run-1"}).value().value().progress, Progress{});
}

SourceState State() {
  return {.source = "rig",
          .scanned_at = At(5),
          .next_scan_at = At(6),
          .entries = 7,
          .loose = 8,
          .refused = 9,
          .problem = "p"};
}

void SourceIsKept(MigrationJournalHarness& h) {
  const SourceState agent{.source = "", .scanned_at = At(1), .problem = "the agent's own"};
  Put(h, {.sources = {State(), agent}});
  h.Reopen();
  EXPECT_EQ(h.journal().FindSource("rig").value(), State());
  EXPECT_EQ(h.journal().FindSource("").value(), agent);
}

void SourceIsReplacedWhole(MigrationJournalHarness& h) {
  Put(h, {.sources = {State()}});
  Put(h, {.sources = {{.source = "rig", .scanned_at = At(9)}}});
  EXPECT_EQ(h.journal().FindSource("rig").value(), (SourceState{.source = "rig", .scanned_at = At(9)}));
}

constexpr Case<MigrationJournalHarness> kCases[] = {
    {"AgentIdStaysTheSame", AgentIdStaysTheSame},
    {"TellsWhatItDoesNotKnow", TellsWhatItDoesNotKnow},
    {"ObservationIsKept", ObservationIsKept},
    {"ProgressIsKept", ProgressIsKept},
    {"ObservationLeavesProgressAlone", ObservationLeavesProgressAlone},
    {"ProgressLeavesObservationAlone", ProgressLeavesObservationAlone},
    {"ObservationIsReplacedWhole", ObservationIsReplacedWhole},
    {"ProgressIsReplacedWhole", ProgressIsReplacedWhole},
    {"OneIdInTwoSourcesIsTwoSessions", OneIdInTwoSourcesIsTwoSessions},
    {"SourceIsKept", SourceIsKept},
    {"SourceIsReplacedWhole", SourceIsReplacedWhole},
};

}  // namespace

Cases SessionCases() { return kCases; }

}  // namespace seshat::conformance::journal
