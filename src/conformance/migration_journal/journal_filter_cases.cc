// Which sessions a journal lists and counts.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "conformance/migration_journal/journal_samples.h"

namespace seshat::conformance::journal {
namespace {

void SessionsComeInPages(MigrationJournalHarness& h) {
  JournalChange change;
  for (const auto& session : {SessionRef{"rig", "c"}, SessionRef{"a", "z"}, SessionRef{"rig", "a"},
                              SessionRef{"two", "a"}, SessionRef{"rig", "b"}})
    change.observations.emplace_back(session, Seen("x", true));
  Put(h, change);
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({})), (Names{"a/z", "rig/a", "rig/b", "rig/c", "two/a"}));
  EXPECT_EQ(Ids(j.ListSessions({.limit = 2})), (Names{"a/z", "rig/a"}));
  EXPECT_EQ(Ids(j.ListSessions({.after = SessionRef{"rig", "a"}, .limit = 2})), (Names{"rig/b", "rig/c"}));
  EXPECT_EQ(Ids(j.ListSessions({.after = SessionRef{"rig", "bb"}})), (Names{"rig/c", "two/a"}));
  EXPECT_EQ(Ids(j.ListSessions({.after = SessionRef{"two", "a"}})), Names{});
}

void SessionsOfOneSourceOrId(MigrationJournalHarness& h) {
  Put(h, {.observations = {{{"rig", "1"}, Seen("x", true)}, {{"rig", "2"}, Seen("x", true)}, {{"two", "1"}, {}}}});
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({.source = "rig"})), (Names{"rig/1", "rig/2"}));
  EXPECT_EQ(Ids(j.ListSessions({.id = "1"})), (Names{"rig/1", "two/1"}));
  EXPECT_EQ(Ids(j.ListSessions({.source = "two", .id = "1"})), Names{"two/1"});
  EXPECT_EQ(Ids(j.ListSessions({.source = "two", .id = "2"})), Names{});
}

Observation Gone(Observation seen) {
  seen.gone = true;
  return seen;
}

void WaitingIsThereAndNotComplete(MigrationJournalHarness& h) {
  Put(h, {.observations = {{{"rig", "complete"}, Seen("x", true)},
                           {{"rig", "gone"}, Gone(Seen("x", false))},
                           {{"rig", "waiting"}, Seen("x", false)}}});
  EXPECT_EQ(Ids(h.journal().ListSessions({.filter = SessionFilter::kWaiting})), Names{"rig/waiting"});
}

void UploadIsCompleteAndNotSettled(MigrationJournalHarness& h) {
  Progress conflict = Stored("old");
  conflict.ownership = Ownership::kConflict;
  Put(h,
      {.observations = {{{"rig", "changed"}, Seen("new", true)},
                        {{"rig", "conflict"}, Seen("new", true)},
                        {{"rig", "gone"}, Gone(Seen("new", true))},
                        {{"rig", "new"}, Seen("new", true)},
                        {{"rig", "settled"}, Seen("new", true)},
                        {{"rig", "waiting"}, Seen("new", false)}},
       .progress = {
           {{"rig", "changed"}, Stored("old")}, {{"rig", "conflict"}, conflict}, {{"rig", "settled"}, Stored("new")}}});
  EXPECT_EQ(Ids(h.journal().ListSessions({.filter = SessionFilter::kUpload})),
            (Names{"rig/changed", "rig/conflict", "rig/new"}));
}

void SealedIsUploadedWhateverWasSeen(MigrationJournalHarness& h) {
  Progress sealed = Stored("x");
  sealed.stage = Stage::kSealed;
  Progress uploading = Stored("x");
  uploading.stage = Stage::kUploading;
  Put(h, {.observations = {{{"rig", "1"}, Gone(Seen("x", true))},
                           {{"rig", "2"}, Seen("y", false)},
                           {{"rig", "3"}, Seen("x", true)},
                           {{"rig", "4"}, Seen("x", true)}},
          .progress = {
              {{"rig", "1"}, sealed}, {{"rig", "2"}, sealed}, {{"rig", "3"}, sealed}, {{"rig", "4"}, uploading}}});
  EXPECT_EQ(Ids(h.journal().ListSessions({.filter = SessionFilter::kUpload})), (Names{"rig/1", "rig/2", "rig/3"}));
}

void RecheckIsUploadedAlthoughSettled(MigrationJournalHarness& h) {
  Progress recheck = Stored("x");
  recheck.recheck_at = At(500);
  Put(h, {.observations = {{{"rig", "gone"}, Gone(Seen("x", true))},
                           {{"rig", "recheck"}, Seen("x", true)},
                           {{"rig", "settled"}, Seen("x", true)}},
          .progress = {{{"rig", "gone"}, recheck}, {{"rig", "recheck"}, recheck}, {{"rig", "settled"}, Stored("x")}}});
  EXPECT_EQ(Ids(h.journal().ListSessions({.filter = SessionFilter::kUpload})), Names{"rig/recheck"});
}

void UploadIsDueByRetry(MigrationJournalHarness& h) {
  Progress sealed = Stored("x");
  sealed.stage = Stage::kSealed;
  Put(h, {.observations = {{{"rig", "at-50"}, Seen("new", true)}, {{"rig", "new"}, Seen("new", true)}},
          .progress = {{{"rig", "at-50"}, Stored("old")}, {{"rig", "sealed-at-50"}, sealed}}});
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kUpload, .due = At(49)})), Names{"rig/new"});
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kUpload, .due = At(50)})),
            (Names{"rig/at-50", "rig/new", "rig/sealed-at-50"}));
}

// The time to look again counts where looking again is all there is to do.
void UploadIsDueByRecheck(MigrationJournalHarness& h) {
  Progress recheck = Stored("x");
  recheck.recheck_at = At(500);
  Progress sealed = recheck;
  sealed.stage = Stage::kSealed;
  Put(h, {.observations = {{{"rig", "changed"}, Seen("y", true)},
                           {{"rig", "sealed"}, Seen("x", true)},
                           {{"rig", "settled"}, Seen("x", true)}},
          .progress = {{{"rig", "changed"}, recheck}, {{"rig", "sealed"}, sealed}, {{"rig", "settled"}, recheck}}});
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kUpload, .due = At(499)})),
            (Names{"rig/changed", "rig/sealed"}));
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kUpload, .due = At(500)})),
            (Names{"rig/changed", "rig/sealed", "rig/settled"}));
}

void CleanupIsCommittedSettledAndWhole(MigrationJournalHarness& h) {
  JournalChange change;
  const auto add = [&](const char* id, Observation seen, auto spoil) {
    Progress progress = Stored("x");
    spoil(progress);
    change.observations.emplace_back(SessionRef{"rig", id}, std::move(seen));
    change.progress.emplace_back(SessionRef{"rig", id}, progress);
  };
  const auto keep = [](Progress&) {};
  add("changed", Seen("y", true), keep);
  add("cleaned", Seen("x", true), [](Progress& p) { p.cleaned_at = At(1); });
  add("gone", Gone(Seen("x", true)), keep);
  add("partial", Seen("x", true), [](Progress& p) { p.skipped = 1; });
  add("ready", Seen("x", true), keep);
  add("uncommitted", Seen("x", true), [](Progress& p) { p.revision = 0; });
  add("uploading", Seen("x", true), [](Progress& p) { p.stage = Stage::kUploading; });
  add("waiting", Seen("x", false), keep);
  Put(h, change);
  EXPECT_EQ(Ids(h.journal().ListSessions({.filter = SessionFilter::kCleanup})), Names{"rig/ready"});
}

void CleanupIsDueByCommit(MigrationJournalHarness& h) {
  Put(h, {.observations = {{{"rig", "1"}, Seen("x", true)}}, .progress = {{{"rig", "1"}, Stored("x")}}});
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kCleanup, .due = At(199)})), Names{});
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kCleanup, .due = At(200)})), Names{"rig/1"});
}

void FiltersComeInPages(MigrationJournalHarness& h) {
  JournalChange change;
  for (const char* id : {"1", "2", "3", "4", "5"})
    change.observations.emplace_back(SessionRef{"rig", id}, Seen("x", *id != '2'));
  Put(h, change);
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kUpload, .limit = 2})), (Names{"rig/1", "rig/3"}));
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kUpload, .after = SessionRef{"rig", "3"}, .limit = 2})),
            (Names{"rig/4", "rig/5"}));
}

void CountsByState(MigrationJournalHarness& h) {
  Progress partial = Stored("x");
  partial.skipped = 2;
  Progress conflict;
  conflict.ownership = Ownership::kConflict;
  auto seen = Seen("x", true);
  seen.bytes = 10;
  auto waiting = Seen("x", false);
  waiting.bytes = 100;
  Put(h, {.observations = {{{"rig", "conflict"}, seen},
                           {{"rig", "gone"}, Gone(seen)},
                           {{"rig", "new"}, seen},
                           {{"rig", "partial"}, seen},
                           {{"rig", "settled"}, seen},
                           {{"rig", "waiting"}, waiting}},
          .progress = {
              {{"rig", "conflict"}, conflict}, {{"rig", "partial"}, partial}, {{"rig", "settled"}, Stored("x")}}});
  const auto counts = h.journal().Count("rig").value();
  EXPECT_EQ(counts.sessions, 6U);
  EXPECT_EQ(counts.waiting, 1U);
  EXPECT_EQ(counts.uploading, 1U);
  EXPECT_EQ(counts.committed, 2U);
  EXPECT_EQ(counts.partial, 1U);
  EXPECT_EQ(counts.conflicts, 1U);
  EXPECT_EQ(counts.backlog_bytes, 110U);
}

void CountsOneSource(MigrationJournalHarness& h) {
  Put(h, {.observations = {{{"rig", "1"}, Seen("x", true)}, {{"two", "1"}, Seen("x", true)}}});
  EXPECT_EQ(h.journal().Count("rig").value().sessions, 1U);
  const auto none = h.journal().Count("three").value();
  EXPECT_EQ(none.sessions, 0U);
  EXPECT_EQ(none.backlog_bytes, 0U);
  EXPECT_EQ(none.last_session, "");
}

void CountsTheLastCommit(MigrationJournalHarness& h) {
  Progress later = Stored("x");
  later.committed_at = At(300);
  Progress never = Stored("x");
  never.revision = 0;
  never.committed_at = At(900);
  Put(h,
      {.progress = {{{"rig", "1"}, later}, {{"rig", "2"}, later}, {{"rig", "3"}, Stored("x")}, {{"rig", "4"}, never}}});
  const auto counts = h.journal().Count("rig").value();
  EXPECT_EQ(counts.last_session, "2");
  EXPECT_EQ(counts.last_committed_at, At(300));
}

constexpr Case<MigrationJournalHarness> kCases[] = {
    {"SessionsComeInPages", SessionsComeInPages},
    {"SessionsOfOneSourceOrId", SessionsOfOneSourceOrId},
    {"WaitingIsThereAndNotComplete", WaitingIsThereAndNotComplete},
    {"UploadIsCompleteAndNotSettled", UploadIsCompleteAndNotSettled},
    {"SealedIsUploadedWhateverWasSeen", SealedIsUploadedWhateverWasSeen},
    {"RecheckIsUploadedAlthoughSettled", RecheckIsUploadedAlthoughSettled},
    {"UploadIsDueByRetry", UploadIsDueByRetry},
    {"UploadIsDueByRecheck", UploadIsDueByRecheck},
    {"CleanupIsCommittedSettledAndWhole", CleanupIsCommittedSettledAndWhole},
    {"CleanupIsDueByCommit", CleanupIsDueByCommit},
    {"FiltersComeInPages", FiltersComeInPages},
    {"CountsByState", CountsByState},
    {"CountsOneSource", CountsOneSource},
    {"CountsTheLastCommit", CountsTheLastCommit},
};

}  // namespace

Cases FilterCases() { return kCases; }

}  // namespace seshat::conformance::journal
