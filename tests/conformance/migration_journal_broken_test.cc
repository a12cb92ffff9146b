// Every case of the journal's suite fails on at least one of these.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include "broken_journals.h"

namespace seshat::testing {
namespace {

using conformance::MigrationJournalHarness;
using Broken = conformance::BrokenAdapter<MigrationJournalHarness>;

Broken Make(const char* name, JournalFlaws flaws, std::vector<std::string_view> found_by) {
  return {name, [flaws = std::move(flaws)] { return std::make_unique<BrokenJournalHarness>(flaws); },
          std::move(found_by)};
}

// What was there stays where the new record has nothing.
Status ReplacesByHalves(const JournalChange& change, MigrationJournal& inner) {
  JournalChange wrong = change;
  for (auto& [session, seen] : wrong.observations) {
    SESHAT_ASSIGN(const auto before, inner.FindObservation(session.source, session.id));
    if (before && !seen.until) seen.until = before->until;
  }
  for (auto& [session, progress] : wrong.progress) {
    SESHAT_ASSIGN(const auto before, inner.FindSession(session));
    if (before && !progress.manifest_sha256) progress.manifest_sha256 = before->progress.manifest_sha256;
  }
  for (auto& [session, file] : wrong.files) {
    SESHAT_ASSIGN(const auto before, inner.FindFile(session, file.path));
    if (before && file.problem.empty()) file.problem = before->problem;
  }
  for (auto& state : wrong.sources) {
    SESHAT_ASSIGN(const auto before, inner.FindSource(state.source));
    if (before && !state.next_scan_at) state.next_scan_at = before->next_scan_at;
  }
  return inner.Apply(wrong);
}

// Part by part, with time for a reader in between; what comes before a refused part stays.
Status AppliesPartByPart(const JournalChange& change, MigrationJournal& inner) {
  SESHAT_TRY(inner.Apply({.observations = change.observations, .progress = change.progress}));
  if (!change.files.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  SESHAT_TRY(inner.Apply({.files = change.files, .sources = change.sources}));
  return inner.Apply({.outbox = change.outbox, .published = change.published});
}

// An event that waits already is left out.
Status SwallowsDoubleEvents(const JournalChange& change, MigrationJournal& inner) {
  JournalChange wrong = change;
  wrong.outbox.clear();
  SESHAT_ASSIGN(auto waiting, inner.Outbox(1000));
  for (const auto& event : change.outbox) {
    if (std::ranges::find(waiting, event.id, &Event::id) != waiting.end()) continue;
    wrong.outbox.push_back(event);
    waiting.push_back(event);
  }
  return inner.Apply(wrong);
}

// Both of a session have one writer.
Status WritesWholeSessions(const JournalChange& change, MigrationJournal& inner) {
  JournalChange wrong = change;
  const auto has = [](const auto& list, const SessionRef& session) {
    return std::ranges::any_of(list, [&](const auto& entry) { return entry.first == session; });
  };
  for (const auto& [session, seen] : change.observations)
    if (!has(change.progress, session)) wrong.progress.emplace_back(session, Progress{});
  for (const auto& [session, progress] : change.progress)
    if (!has(change.observations, session)) wrong.observations.emplace_back(session, Observation{});
  for (const auto& [session, file] : change.files) wrong.progress.emplace_back(session, Progress{});
  return inner.Apply(wrong);
}

// One table of sessions for all sources.
void MixesSources(JournalChange& change) {
  const auto mix = [](auto& list) {
    for (auto& entry : list) entry.first.source = "rig";
  };
  mix(change.observations);
  mix(change.progress);
  mix(change.files);
}

std::vector<Broken> BrokenChanges() {
  return {
      Make("ForgetsOverARestart", {.forgets_over_a_restart = true},
           {"AgentIdStaysTheSame", "ObservationIsKept", "SourceIsKept", "EventsAreKept", "OutboxKeepsOrder"}),
      Make("HasNoAgent", {.agent = [](std::string& id) { id.clear(); }}, {"AgentIdStaysTheSame"}),
      Make("Invents", {.observation = [](auto& seen) { seen = seen.value_or(Observation{}); }},
           {"TellsWhatItDoesNotKnow"}),
      Make("LosesTheTrace",
           {.change =
                [](auto& c) {
                  for (auto& [s, seen] : c.observations) seen.traceparent.clear();
                }},
           {"ObservationIsKept"}),
      Make("LosesTheRecheck",
           {.change =
                [](auto& c) {
                  for (auto& [s, p] : c.progress) p.recheck_at = {};
                }},
           {"ProgressIsKept", "RecheckIsUploadedAlthoughSettled"}),
      Make(
          "ReplacesByHalves", {.apply = ReplacesByHalves},
          {"ObservationIsReplacedWhole", "ProgressIsReplacedWhole", "FilesAreReplacedByPath", "SourceIsReplacedWhole"}),
      Make("WritesWholeSessions", {.apply = WritesWholeSessions},
           {"ObservationLeavesProgressAlone", "ProgressLeavesObservationAlone", "FilesLeaveTheirSessionAlone"}),
      Make("MixesSources", {.change = MixesSources},
           {"OneIdInTwoSourcesIsTwoSessions", "SessionsOfOneSourceOrId", "FilesOfSessionsKeepApart"}),
      Make("LosesTheNextScan",
           {.state =
                [](auto& state) {
                  if (state) state->next_scan_at.reset();
                }},
           {"SourceIsKept"}),
      Make("CutsPathsAtBadBytes",
           {.change =
                [](auto& c) {
                  for (auto& [s, f] : c.files) f.path = f.path.substr(0, f.path.find('\xFF'));
                }},
           {"FilesAreKept", "FilesComeInPagesByBytes"}),
      Make("DropsFilesOfUnknownSessions",
           {.apply =
                [](const JournalChange& change, MigrationJournal& inner) {
                  JournalChange known = change;
                  std::erase_if(known.files, [&](const auto& f) { return !inner.FindSession(f.first).value(); });
                  return inner.Apply(known);
                }},
           {"FilesMakeTheirSession"}),
      Make("AppliesPartByPart", {.apply = AppliesPartByPart},
           {"ARefusedChangeLeavesNothing", "ReadersNeverSeeHalfAChange"}),
      Make("SwallowsDoubleEvents", {.apply = SwallowsDoubleEvents}, {"AnEventWaitsOnce"}),
      Make("KeepsPublished", {.change = [](auto& c) { c.published.clear(); }}, {"PublishedEventsAreForgotten"}),
      Make("SortsTheOutbox", {.events = [](auto& events) { std::ranges::sort(events, {}, &Event::id); }},
           {"OutboxKeepsOrder"}),
      Make("SendsAllAtOnce", {.ignores_limit_of_outbox = true}, {"OutboxKeepsOrder"}),
      Make("LosesTheTimeOfEvents",
           {.events =
                [](auto& events) {
                  for (auto& e : events) e.time = {};
                }},
           {"EventsAreKept"}),
      Make("LetsTwoWrite", {.lets_two_write = true}, {"OneAgentAtATime", "ReadersSeeChangesAndCannotWrite"}),
  };
}

JournalFlaws Drops(std::function<bool(const SessionRecord&)> which) {
  return {.listed = [which = std::move(which)](auto& records) { std::erase_if(records, which); }};
}

std::vector<Broken> BrokenLists() {
  const auto seen = [](const SessionRecord& r) -> const Observation& { return r.observation; };
  return {
      Make("IgnoresFilters", {.sessions = [](auto& q) { q.filter = SessionFilter::kAll; }},
           {"WaitingIsThereAndNotComplete", "UploadIsCompleteAndNotSettled", "CleanupIsCommittedSettledAndWhole"}),
      Make("IgnoresPages", {.sessions = [](auto& q) { q.after.reset(); }},
           {"SessionsComeInPages", "FiltersComeInPages"}),
      Make("FiltersAfterTheLimit",
           {.sessions =
                [](auto& q) {
                  if (q.filter == SessionFilter::kUpload) q.filter = SessionFilter::kAll;
                },
            .listed = [seen](auto& all) { std::erase_if(all, [&](const auto& r) { return !seen(r).complete; }); }},
           {"FiltersComeInPages"}),
      Make("OldestFirst", {.listed = [](auto& records) { std::ranges::reverse(records); }}, {"SessionsComeInPages"}),
      Make("IgnoresTheSource", {.sessions = [](auto& q) { q.source.clear(); }}, {"SessionsOfOneSourceOrId"}),
      Make("GivesUpOnConflicts", Drops([](const auto& r) { return r.progress.ownership == Ownership::kConflict; }),
           {"UploadIsCompleteAndNotSettled"}),
      Make("LeavesSealedOfGoneSessions", Drops([seen](const auto& r) { return seen(r).gone; }),
           {"SealedIsUploadedWhateverWasSeen"}),
      Make("IgnoresWhatIsDue", {.sessions = [](auto& q) { q.due.reset(); }},
           {"UploadIsDueByRetry", "UploadIsDueByRecheck", "CleanupIsDueByCommit"}),
      Make("RechecksWhatChanged", Drops([](const auto& r) {
             return r.progress.recheck_at == Timestamp(std::chrono::seconds(500)) &&
                    r.observation.fingerprint != r.progress.settled;
           }),
           {"UploadIsDueByRecheck"}),
      Make("IgnoresPlans",
           {.files =
                [](auto& q) {
                  q.plan.reset();
                  q.not_plan.reset();
                }},
           {"FilesOfOnePlan", "FilesOfOtherPlans"}),
      Make("ListsFinishedFiles", {.files = [](auto& q) { q.unfinished = false; }}, {"UnfinishedFiles"}),
      Make("IgnoresPagesOfFiles", {.files = [](auto& q) { q.after.clear(); }}, {"FilesComeInPagesByBytes"}),
      Make("ListsNoOddFiles",
           {.listed_files = [](auto& files) { std::erase_if(files, [](const auto& f) { return f.path[0] < 0; }); }},
           {"FilesComeInPagesByBytes"}),
      Make("CountsGone", {.counts = [](auto& c, auto&) { ++c.waiting; }}, {"CountsByState"}),
      Make("CountsNoBacklog", {.counts = [](auto& c, auto&) { c.backlog_bytes = 0; }}, {"CountsByState"}),
      Make("CountsAll", {.counts = [](auto& c, auto& inner) { c.sessions = inner.ListSessions({}).value().size(); }},
           {"CountsOneSource"}),
      Make("ForgetsTheLastCommit", {.counts = [](auto& c, auto&) { c.last_session = "1"; }}, {"CountsTheLastCommit"}),
  };
}

}  // namespace

static std::vector<Broken> BrokenJournals() {
  auto all = BrokenChanges();
  std::ranges::move(BrokenLists(), std::back_inserter(all));
  return all;
}

}  // namespace seshat::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  seshat::conformance::RegisterBrokenAdapters<seshat::conformance::MigrationJournalHarness>(
      "MigrationJournal", seshat::conformance::MigrationJournalCases(), seshat::testing::BrokenJournals());
  return RUN_ALL_TESTS();
}
