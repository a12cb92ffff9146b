#include "conformance/migration_journal/migration_journal_suite.h"

#include <string>
#include <vector>

namespace seshat::conformance {
namespace {

Timestamp At(int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

Fingerprint Print(std::string_view path) {
  Fingerprint fingerprint;
  fingerprint.Add(path, 0, {});
  return fingerprint;
}

Observation Seen(std::string_view what, bool complete) {
  return {.fingerprint = Print(what),
          .changed_at = At(100),
          .files = 3,
          .bytes = 1ULL << 45,
          .complete = complete,
          .waiting_for = complete ? "" : "a file",
          .until = complete ? std::nullopt : std::optional(At(130)),
          .traceparent = "00-x-y-01"};
}

Progress Stored(std::string_view what) {
  return {.ownership = Ownership::kOwned,
          .nonce = "n",
          .claimed_at = At(1),
          .owner_put_state = "o",
          .revision = 7,
          .committed_plan = 8,
          .committed_at = At(200),
          .settled = Print(what),
          .stored_files = 3,
          .stored_bytes = 4,
          .skipped = 0,
          .plan = 9,
          .planned = Print("p"),
          .traceparent = "t",
          .sealed_at = At(3),
          .manifest_sha256 = Sha256::Of({}),
          .manifest_put_state = "m",
          .retry_at = At(50),
          .attempts = 2,
          .problem = "none",
          .cleaned_at = {}};
}

FileRecord File(std::string path, uint64_t plan, FileState state) {
  return {.path = std::move(path),
          .plan = plan,
          .changed_plan = 2,
          .in_plan = 1,
          .state = state,
          .stat = {.size = 1ULL << 40, .modified_ns = -5, .changed_ns = 6, .inode = UINT64_MAX, .mode = 0644},
          .stored = {.size = 2, .modified_ns = 3, .changed_ns = 4, .inode = 5, .mode = 0600},
          .since_revision = 3,
          .rewrite = 1,
          .sha256 = Sha256::Of(AsBytes("x")),
          .storage_class = StorageClass::kGlacierInstantRetrieval,
          .checksum = "c",
          .put_state = "s",
          .skip_kind = "k",
          .problem = "p",
          .cleaned = true};
}

void Put(MigrationJournalHarness& h, const JournalChange& change) { EXPECT_TRUE(h.journal().Apply(change)); }

std::vector<std::string> Ids(const Result<std::vector<SessionRecord>>& records) {
  std::vector<std::string> ids;
  EXPECT_TRUE(records);
  if (records)
    for (const auto& record : *records) ids.push_back(record.session.source + "/" + record.session.id);
  return ids;
}

std::vector<std::string> Paths(const Result<std::vector<FileRecord>>& files) {
  std::vector<std::string> paths;
  EXPECT_TRUE(files);
  if (files)
    for (const auto& file : *files) paths.push_back(file.path);
  return paths;
}

void RemembersEverythingOverARestart(MigrationJournalHarness& h) {
  const SessionRef session{"rig", "run-1"};
  const std::string agent = h.journal().AgentId().value();
  EXPECT_FALSE(agent.empty());
  const SourceState state{.source = "rig",
                          .scanned_at = At(5),
                          .next_scan_at = At(6),
                          .entries = 7,
                          .loose = 8,
                          .refused = 9,
                          .problem = "p"};
  Put(h, {.observations = {{session, Seen("a", false)}},
          .progress = {{session, Stored("b")}},
          .files = {{session, File(std::string("a\xFF") + "b", 9, FileState::kStored)}},
          .sources = {state}});
  h.Reopen();
  EXPECT_EQ(h.journal().AgentId().value(), agent);
  const auto record = h.journal().FindSession(session);
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((**record).observation, Seen("a", false));
  EXPECT_EQ((**record).progress, Stored("b"));
  EXPECT_EQ(h.journal().FindObservation("rig", "run-1").value(), Seen("a", false));
  const auto file = h.journal().FindFile(session, std::string("a\xFF") + "b");
  ASSERT_TRUE(file && *file);
  EXPECT_EQ(**file, File(std::string("a\xFF") + "b", 9, FileState::kStored));
  EXPECT_EQ(h.journal().FindSource("rig").value(), state);
}

void TellsWhatItDoesNotKnow(MigrationJournalHarness& h) {
  EXPECT_EQ(h.journal().FindObservation("rig", "x").value(), std::nullopt);
  EXPECT_EQ(h.journal().FindSession({"rig", "x"}).value(), std::nullopt);
  EXPECT_EQ(h.journal().FindFile({"rig", "x"}, "y").value(), std::nullopt);
  EXPECT_EQ(h.journal().FindSource("rig").value(), std::nullopt);
  EXPECT_TRUE(h.journal().ListFiles({.session = {"rig", "x"}}).value().empty());
}

void ObservationAndProgressLeaveOneAnotherAlone(MigrationJournalHarness& h) {
  const SessionRef session{"rig", "run-1"};
  Put(h, {.observations = {{session, Seen("a", true)}}});
  Put(h, {.progress = {{session, Stored("b")}}});
  Put(h, {.observations = {{session, Seen("c", true)}}});
  const auto record = h.journal().FindSession(session).value().value();
  EXPECT_EQ(record.observation, Seen("c", true));
  EXPECT_EQ(record.progress, Stored("b"));
}

void FiltersSessions(MigrationJournalHarness& h) {
  auto sealed = Stored("x");
  sealed.stage = Stage::kSealed;
  auto recheck = Stored("settled");
  recheck.recheck_at = At(500);
  auto gone = Seen("g", false);
  gone.gone = true;
  Put(h,
      {.observations = {{{"rig", "1-waiting"}, Seen("w", false)},
                        {{"rig", "2-gone"}, gone},
                        {{"rig", "3-new"}, Seen("n", true)},
                        {{"rig", "4-sealed"}, Seen("s", false)},
                        {{"rig", "5-settled"}, Seen("settled", true)},
                        {{"rig", "6-recheck"}, Seen("settled", true)},
                        {{"two", "3-new"}, Seen("n", true)}},
       .progress = {
           {{"rig", "4-sealed"}, sealed}, {{"rig", "5-settled"}, Stored("settled")}, {{"rig", "6-recheck"}, recheck}}});
  using V = std::vector<std::string>;
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kWaiting})), (V{"rig/1-waiting", "rig/4-sealed"}));
  EXPECT_EQ(Ids(j.ListSessions({.source = "rig", .filter = SessionFilter::kUpload, .due = At(49)})), (V{"rig/3-new"}));
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kUpload, .due = At(50)})),
            (V{"rig/3-new", "rig/4-sealed", "two/3-new"}));
  EXPECT_EQ(Ids(j.ListSessions({.source = "rig", .filter = SessionFilter::kUpload, .due = At(500)})),
            (V{"rig/3-new", "rig/4-sealed", "rig/6-recheck"}));
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kCleanup, .due = At(199)})), V{});
  EXPECT_EQ(Ids(j.ListSessions({.filter = SessionFilter::kCleanup, .due = At(200)})),
            (V{"rig/5-settled", "rig/6-recheck"}));
  EXPECT_EQ(Ids(j.ListSessions({.id = "3-new"})), (V{"rig/3-new", "two/3-new"}));
  const auto counts = j.Count("rig").value();
  EXPECT_EQ(counts.sessions, 6U);
  EXPECT_EQ(counts.waiting, 2U);
  EXPECT_EQ(counts.uploading, 1U);
  EXPECT_EQ(counts.committed, 3U);
  EXPECT_EQ(counts.last_session, "6-recheck");
}

void ListsInPages(MigrationJournalHarness& h) {
  JournalChange change;
  for (const char* id : {"c", "a", "b"}) {
    change.observations.emplace_back(SessionRef{"rig", id}, Seen("x", true));
    change.files.emplace_back(SessionRef{"rig", "a"},
                              File(id, id[0] == 'b' ? 2 : 1, id[0] == 'c' ? FileState::kStored : FileState::kPending));
  }
  Put(h, change);
  using V = std::vector<std::string>;
  auto& j = h.journal();
  EXPECT_EQ(Ids(j.ListSessions({.limit = 2})), (V{"rig/a", "rig/b"}));
  EXPECT_EQ(Ids(j.ListSessions({.after = SessionRef{"rig", "b"}, .limit = 2})), V{"rig/c"});
  const SessionRef a{"rig", "a"};
  EXPECT_EQ(Paths(j.ListFiles({.session = a, .limit = 2})), (V{"a", "b"}));
  EXPECT_EQ(Paths(j.ListFiles({.session = a, .after = "a"})), (V{"b", "c"}));
  EXPECT_EQ(Paths(j.ListFiles({.session = a, .plan = 1})), (V{"a", "c"}));
  EXPECT_EQ(Paths(j.ListFiles({.session = a, .not_plan = 1})), V{"b"});
  EXPECT_EQ(Paths(j.ListFiles({.session = a, .unfinished = true})), (V{"a", "b"}));
}

void OutboxKeepsOrderUntilPublished(MigrationJournalHarness& h) {
  Put(h, {.outbox = {{.id = "e1", .type = "T", .source = "s", .data = "{}"},
                     {.id = "e2", .type = "T", .source = "s", .data = "{}"}}});
  h.Reopen();
  auto events = h.journal().Outbox(10).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].id, "e1");
  EXPECT_EQ(h.journal().Outbox(1).value().size(), 1U);
  Put(h, {.published = {"e1", "unknown"}});
  events = h.journal().Outbox(10).value();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].id, "e2");
}

constexpr Case<MigrationJournalHarness> kCases[] = {
    {"RemembersEverythingOverARestart", RemembersEverythingOverARestart},
    {"TellsWhatItDoesNotKnow", TellsWhatItDoesNotKnow},
    {"ObservationAndProgressLeaveOneAnotherAlone", ObservationAndProgressLeaveOneAnotherAlone},
    {"FiltersSessions", FiltersSessions},
    {"ListsInPages", ListsInPages},
    {"OutboxKeepsOrderUntilPublished", OutboxKeepsOrderUntilPublished},
};

}  // namespace

std::span<const Case<MigrationJournalHarness>> MigrationJournalCases() { return kCases; }

}  // namespace seshat::conformance
