// What a session goes through, from the scan to the event.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/records/event.h"
#include "services/migration/lab.h"

namespace seshat::testing {
namespace {

using migration::SessionState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Migration : public ::testing::Test {
 protected:
  Migration() { lab.AddSource(QuickSpec("rig")); }
  memory_source::MemorySource& rig() { return lab.source(); }
  Lab lab;
};

TEST_F(Migration, StoresACompleteSessionAndSaysSo) {
  rig().Write("run-1/sensor.bin", std::string(5000, 'x'));
  rig().Write("run-1/logs/faults.log", "none");
  rig().Write("run-1/metadata.txt", "operator: Ada");
  lab.Settle();

  EXPECT_THAT(lab.Stored("run-1"),
              UnorderedElementsAre(Pair("sensor.bin", std::string(5000, 'x')), Pair("logs/faults.log", "none"),
                                   Pair("metadata.txt", "operator: Ada")));
  EXPECT_THAT(lab.Keys(), ElementsAre("run-1/manifests/000001.json", "run-1/owner.json", "run-1/raw/logs/faults.log",
                                      "run-1/raw/metadata.txt", "run-1/raw/sensor.bin"));
  const auto manifest = lab.Newest("run-1");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->metadata_path, "metadata.txt");
  EXPECT_EQ(manifest->source, "rig");
  EXPECT_EQ(manifest->files[0].mode, 0644U);

  const auto migrated = lab.Migrated();
  ASSERT_EQ(migrated.size(), 1U);
  EXPECT_EQ(migrated[0].session_id, "run-1");
  EXPECT_EQ(migrated[0].revision, 1U);
  EXPECT_EQ(migrated[0].manifest_key, "run-1/manifests/000001.json");
  EXPECT_EQ(migrated[0].manifest_sha256, Sha256::Of(AsBytes(records::EncodeManifest(*manifest))));
  EXPECT_EQ(TraceContext::Parse(lab.Events()[0].traceparent)->trace_id,
            TraceContext::Parse(manifest->traceparent)->trace_id);
  EXPECT_EQ(lab.Events()[0].subject, "run-1");
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kCommitted);
  EXPECT_EQ(lab.metrics.Sum("seshat_migration_sessions_total"), 1);
}

TEST_F(Migration, ScansOfUnchangedSessionsDoNothingMore) {
  rig().Write("run-1/a.bin", "a");
  lab.Settle();
  const auto opens = rig().opens();
  const auto keys = lab.Keys();
  lab.Settle();
  EXPECT_EQ(rig().opens(), opens);
  EXPECT_EQ(lab.Keys(), keys);
  EXPECT_EQ(lab.Migrated().size(), 1U);
}

TEST_F(Migration, NothingIsVisibleBeforeTheSessionIsQuiet) {
  rig().Write("run-1/a.bin", "a");
  for (int i = 0; i < 10; ++i) {
    lab.Round();
    EXPECT_THAT(lab.Keys(), IsEmpty());
    EXPECT_EQ(lab.Why("run-1").state, SessionState::kWaiting);
    EXPECT_THAT(lab.Why("run-1").why, HasSubstr("nothing to change for 5 s"));
    EXPECT_TRUE(lab.Why("run-1").until);
    lab.clock.Advance(std::chrono::seconds(3));
    rig().Append("run-1/a.bin", "more");
  }
  lab.Settle();
  EXPECT_EQ(lab.Stored("run-1")["a.bin"].size(), 41U);
}

TEST_F(Migration, LateAndChangedFilesMakeTheNextRevision) {
  rig().Write("run-1/a.bin", "a");
  rig().Write("run-1/b.bin", "b");
  rig().Write("run-1/c.bin", "c");
  lab.Settle();
  rig().Write("run-1/b.bin", "B");
  rig().Write("run-1/late.bin", "late");
  rig().Remove("run-1/c.bin");
  lab.Settle();

  const auto first = lab.ManifestOf("run-1", 1);
  const auto second = lab.ManifestOf("run-1", 2);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->files.size(), 3U);
  EXPECT_THAT(lab.Stored("run-1"),
              UnorderedElementsAre(Pair("a.bin", "a"), Pair("b.bin", "B"), Pair("late.bin", "late")));
  EXPECT_EQ(second->Find("a.bin")->key, "run-1/raw/a.bin");
  EXPECT_EQ(second->Find("a.bin")->since_revision, 1U);
  EXPECT_EQ(second->Find("b.bin")->key, "run-1/raw.r2/b.bin");
  EXPECT_EQ(second->Find("late.bin")->since_revision, 2U);
  EXPECT_THAT(second->removed, ElementsAre("c.bin"));
  EXPECT_THAT(lab.Keys(), ::testing::Contains("run-1/raw/c.bin"));
  EXPECT_EQ(lab.Migrated().size(), 2U);
  EXPECT_NE(first->traceparent, second->traceparent);

  // What was removed once is not removed again.
  rig().Write("run-1/d.bin", "d");
  lab.Settle();
  EXPECT_THAT(lab.ManifestOf("run-1", 3)->removed, IsEmpty());
}

TEST_F(Migration, TouchedFilesAreNotStoredTwice) {
  rig().Write("run-1/small.bin", "same");
  rig().Write("run-1/large.bin", std::string(3000, 'x'));
  lab.Settle();
  const auto before = lab.Keys();
  rig().SetMode("run-1/small.bin", 0600);
  rig().SetMode("run-1/large.bin", 0600);
  lab.Settle();
  const auto manifest = lab.Newest("run-1");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->revision, 2U) << "the mode is part of the manifest";
  EXPECT_EQ(manifest->Find("small.bin")->key, "run-1/raw/small.bin");
  EXPECT_EQ(manifest->Find("large.bin")->mode, 0600U);
  EXPECT_EQ(lab.Keys().size(), before.size() + 1);
}

TEST_F(Migration, AFileThatChangesUnderTheReaderIsNotReadyAndNeverVisible) {
  rig().Write("run-1/a.bin", "a");
  rig().Write("run-1/large.bin", std::string(200'000, 'x'));
  int changes = 0;
  rig().OnRead([&](std::string_view path) {
    if (path == "run-1/large.bin" && changes < 3) {
      ++changes;
      rig().Append("run-1/large.bin", "y");
    }
  });
  lab.Settle(2);
  EXPECT_GT(changes, 0);
  EXPECT_FALSE(lab.Newest("run-1"));
  EXPECT_GT(lab.metrics.Sum("seshat_migration_not_ready_total"), 0);
  lab.Settle();
  EXPECT_EQ(lab.Stored("run-1")["large.bin"], rig().Files()["run-1/large.bin"]);
  EXPECT_EQ(lab.Newest("run-1")->revision, 1U);
}

TEST_F(Migration, BeingToldToStopIsNoTroubleWithTheStore) {
  rig().Write("run-1/a.bin", "a");
  std::stop_source stop;
  rig().OnRead([&](std::string_view) { stop.request_stop(); });
  for (int i = 0; i < 12 && !stop.stop_requested(); ++i) {
    ASSERT_TRUE(lab.Start().ScanOnce("rig", {}));
    [[maybe_unused]] const auto stopped = lab.service().UploadOnce(stop.get_token());
    lab.clock.Advance(std::chrono::seconds(10));
  }
  ASSERT_TRUE(stop.stop_requested());
  EXPECT_EQ(migration::MigrationView(*lab.journal, lab.clock).UploadProblem().value(), "");
}

TEST_F(Migration, AFileAddedDuringTheUploadHoldsTheSessionBack) {
  rig().Write("run-1/a.bin", std::string(3000, 'a'));
  bool added = false;
  rig().OnRead([&](std::string_view) {
    if (!std::exchange(added, true)) rig().Write("run-1/b.bin", "b");
  });
  lab.Settle(2);
  EXPECT_TRUE(added);
  EXPECT_FALSE(lab.ManifestOf("run-1", 1));
  lab.Settle();
  EXPECT_EQ(lab.Stored("run-1").size(), 2U);
  EXPECT_FALSE(lab.ManifestOf("run-1", 2));
  EXPECT_EQ(lab.Newest("run-1")->Find("a.bin")->key, "run-1/raw/a.bin") << "stored once, used";
}

TEST_F(Migration, WhatCannotBeStoredMakesTheSessionPartial) {
  rig().Write("run-1/a.bin", "a");
  rig().Write("run-1/secret.bin", "s");
  rig().SetReadable("run-1/secret.bin", false);
  rig().MakeSpecial("run-1/link", EntryKind::kSymlink);
  rig().MakeSpecial("run-1/pipe", EntryKind::kFifo);
  rig().Write("run-1/" + std::string(1100, 'n'), "too long a name");
  lab.Settle();
  const auto manifest = lab.Newest("run-1");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->revision, 1U);
  EXPECT_THAT(lab.Stored("run-1"), UnorderedElementsAre(Pair("a.bin", "a")));
  std::map<std::string, std::string> kinds;
  for (const auto& skipped : manifest->skipped) kinds[skipped.path.substr(0, 10)] = skipped.kind;
  EXPECT_THAT(kinds, UnorderedElementsAre(Pair("link", "symlink"), Pair("pipe", "fifo"),
                                          Pair("secret.bin", "unreadable"), Pair("nnnnnnnnnn", "name")));
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kPartial);
  EXPECT_THAT(lab.Why("run-1").why, HasSubstr("link (symlink: "));
  EXPECT_THAT(lab.Why("run-1").why, HasSubstr("secret.bin (unreadable: "));

  rig().SetReadable("run-1/secret.bin", true);
  lab.Settle();
  EXPECT_EQ(lab.Stored("run-1")["secret.bin"], "s");
  EXPECT_EQ(lab.Newest("run-1")->revision, 2U);
  EXPECT_EQ(lab.Newest("run-1")->skipped.size(), 3U);
}

TEST_F(Migration, AFileThatBecomesUnreadableKeepsWhatIsStored) {
  rig().Write("run-1/a.bin", "a");
  rig().Write("run-1/b.bin", "b");
  lab.Settle();
  rig().SetReadable("run-1/a.bin", false);
  lab.Settle();
  const auto manifest = lab.Newest("run-1");
  EXPECT_EQ(manifest->revision, 2U);
  EXPECT_EQ(lab.Stored("run-1").size(), 2U);
  ASSERT_EQ(manifest->skipped.size(), 1U);
  EXPECT_EQ(manifest->skipped[0].kind, "unreadable");
  EXPECT_EQ(manifest->Find("a.bin")->mode, 0644U) << "of the bytes that are stored";
  // Rechecks of what stays unreadable make no revisions.
  lab.clock.Advance(std::chrono::hours(2));
  lab.Settle();
  EXPECT_EQ(lab.Newest("run-1")->revision, 2U);
}

TEST_F(Migration, TwoSourcesWithOneIdAreAVisibleConflict) {
  memory_source::MemorySource& other = lab.AddSource(QuickSpec("twin"));
  rig().Write("run-1/a.bin", "mine");
  lab.Settle();
  other.Write("run-1/a.bin", "theirs");
  other.Write("run-1/b.bin", "theirs");
  lab.Settle();
  EXPECT_THAT(lab.Stored("run-1"), ElementsAre(Pair("a.bin", "mine")));
  EXPECT_EQ(lab.Keys().size(), 3U);
  EXPECT_EQ(lab.Why("run-1", 0).state, SessionState::kCommitted);
  EXPECT_EQ(lab.Why("run-1", 1).state, SessionState::kConflict);
  EXPECT_THAT(lab.Why("run-1", 1).why, HasSubstr("another source"));
  EXPECT_EQ(lab.metrics.Sum("seshat_migration_conflicts_total"), 1);
  EXPECT_TRUE(lab.logger.Holds("warning session id conflict"));
  EXPECT_EQ(lab.Migrated().size(), 1U);
}

TEST_F(Migration, TwoAgentsRacingForOneIdHaveOneWinner) {
  Lab second;
  second.blobs = lab.blobs;
  second.writer = memory_blob_store::MakeMemoryBlobStore(lab.blobs, BlobAccess::kWriteOnly);
  second.reader = memory_blob_store::MakeMemoryBlobStore(lab.blobs);
  second.random.Fill(MutableByteSpan());
  second.journal = memory_journal::MakeMemoryJournal("another-agent");
  second.AddSource(QuickSpec("rig")).Write("run-1/a.bin", "other machine");
  rig().Write("run-1/a.bin", "this machine");
  for (int i = 0; i < 6; ++i) {
    second.Round();
    lab.Round();
    lab.clock.Advance(std::chrono::seconds(10));
    second.clock.Advance(std::chrono::seconds(10));
  }
  EXPECT_EQ(second.Why("run-1").state, SessionState::kCommitted);
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kConflict);
  EXPECT_EQ(lab.Stored("run-1")["a.bin"], "other machine");
}

TEST_F(Migration, FlatFilesAreGroupedByThePattern) {
  lab.spec().layout = migration::Layout::kFlat;
  lab.spec().flat_pattern = "(run[0-9]+)_.*";
  rig().Write("run1_a.bin", "1a");
  rig().Write("run1_b.bin", "1b");
  rig().Write("run2_a.bin", "2a");
  rig().Write("notes.txt", "loose");
  lab.Settle();
  EXPECT_THAT(lab.Stored("run1"), UnorderedElementsAre(Pair("run1_a.bin", "1a"), Pair("run1_b.bin", "1b")));
  EXPECT_THAT(lab.Stored("run2"), UnorderedElementsAre(Pair("run2_a.bin", "2a")));
  EXPECT_EQ(lab.service().ScanOnce("rig", {})->loose, 1U);
}

TEST_F(Migration, DirectoriesThatCannotBeSessionsAreRefusedAndTheRestGoesOn) {
  rig().Write("good/a.bin", "a");
  rig().Write(".hidden/a.bin", "a");
  rig().Write("back\\slash/a.bin", "a");
  rig().Write("loose.txt", "l");
  lab.Settle();
  const auto scan = lab.service().ScanOnce("rig", {});
  EXPECT_EQ(scan->refused, 2U);
  EXPECT_EQ(scan->loose, 1U);
  EXPECT_EQ(lab.Stored("good").size(), 1U);
  EXPECT_EQ(lab.Keys().size(), 3U);
}

TEST_F(Migration, ASessionThatLeavesBeforeItIsStoredIsGone) {
  rig().Write("run-1/a.bin", "a");
  lab.Round();
  rig().Remove("run-1");
  lab.Settle();
  EXPECT_THAT(lab.Keys(), IsEmpty());
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kGone);
  rig().Write("run-1/a.bin", "back");
  lab.Settle();
  EXPECT_EQ(lab.Stored("run-1")["a.bin"], "back");
}

TEST_F(Migration, ASourceThatLosesASessionChangesNothingInTheStore) {
  rig().Write("run-1/a.bin", "a");
  lab.Settle();
  rig().Remove("run-1");
  lab.Settle();
  EXPECT_EQ(lab.Newest("run-1")->revision, 1U);
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kCommitted);
}

TEST_F(Migration, AnOfflineSourceIsAProblemAndNotALoss) {
  rig().Write("run-1/a.bin", "a");
  lab.Settle();
  rig().SetOffline(true);
  EXPECT_FALSE(lab.service().ScanOnce("rig", {}));
  EXPECT_THAT(lab.journal->FindSource("rig")->value().problem, HasSubstr("offline"));
  rig().SetOffline(false);
  EXPECT_TRUE(lab.service().ScanOnce("rig", {}));
  EXPECT_THAT(lab.journal->FindSource("rig")->value().problem, IsEmpty());
}

TEST_F(Migration, HeartbeatsTellTheBacklog) {
  rig().Write("run-1/a.bin", "a");
  lab.Settle();
  rig().Write("run-2/a.bin", "1234");
  lab.Round();
  ASSERT_TRUE(lab.service().PublishHeartbeat("rig"));
  const auto event = lab.Events().back();
  ASSERT_EQ(event.type, SourceHeartbeat::kType);
  const auto beat = SourceHeartbeat::FromData(event.data).value();
  EXPECT_EQ(beat.source, "rig");
  EXPECT_EQ(beat.host, "rig-1");
  EXPECT_EQ(beat.backlog_sessions, 1U);
  EXPECT_EQ(beat.backlog_bytes, 4U);
  EXPECT_EQ(beat.last_session, "run-1");
  EXPECT_TRUE(beat.last_migrated_at);
}

TEST_F(Migration, DryRunSaysWhatWouldHappenAndTouchesNothing) {
  rig().Write("old/a.bin", "a");
  lab.Settle();
  lab.clock.Advance(std::chrono::hours(1));
  rig().Write("new/b.bin", "b");
  rig().MakeSpecial("new/link", EntryKind::kSymlink);
  lab.clock.Advance(std::chrono::hours(1));
  rig().Write("fresh/c.bin", "c");
  rig().Write("loose.txt", "l");
  const auto keys = lab.Keys();
  const auto opens = rig().opens();
  std::map<std::string, std::string> lines;
  ASSERT_TRUE(lab.service().DryRun("rig",
                                   [&](const migration::DryRunLine& line) {
                                     lines[line.session_id + ":" + line.path] =
                                         migration::DryRunActionName(line.action);
                                   },
                                   {}));
  EXPECT_THAT(lines,
              UnorderedElementsAre(Pair("old:a.bin", "keep"), Pair("new:b.bin", "upload"), Pair("new:link", "skip"),
                                   Pair("fresh:", "wait"), Pair("fresh:c.bin", "wait"), Pair(":loose.txt", "refuse")));
  EXPECT_EQ(lab.Keys(), keys);
  EXPECT_EQ(rig().opens(), opens);
  EXPECT_FALSE(lab.journal->FindObservation("rig", "new")->has_value());
}

TEST_F(Migration, BandwidthLimitIsKept) {
  lab.spec().bandwidth_bytes_per_second = 1000;
  rig().Write("run-1/large.bin", std::string(20'000, 'x'));
  for (int i = 0; i < 10; ++i) rig().Write("run-1/small-" + std::to_string(i), std::string(500, 'y'));
  lab.Round();
  lab.clock.Advance(std::chrono::seconds(10));
  const auto begin = lab.clock.Now();
  lab.Round();
  EXPECT_EQ(lab.Stored("run-1").size(), 11U) << ::testing::PrintToString(lab.logger.lines());
  EXPECT_GE(lab.clock.Now() - begin, std::chrono::seconds(24));
  EXPECT_LE(lab.clock.Now() - begin, std::chrono::seconds(40));
}

TEST_F(Migration, NothingBeginsInABlackout) {
  lab.spec().schedule.blackouts = {*migration::BlackoutWindow::Parse("00:00-06:00")};
  rig().Write("run-1/a.bin", "a");
  lab.Settle();
  EXPECT_THAT(lab.Keys(), IsEmpty());
  lab.clock.Advance(std::chrono::hours(6));
  lab.Settle();
  EXPECT_EQ(lab.Stored("run-1").size(), 1U);
}

}  // namespace
}  // namespace seshat::testing
