// The outbox, and that a change is one.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "conformance/migration_journal/journal_samples.h"

namespace seshat::conformance::journal {
namespace {

const SessionRef kRun1{"rig", "run-1"};

void EventsAreKept(MigrationJournalHarness& h) {
  Event event = Announced("e1");
  event.time = At(7);
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  event.data = R"({"name":"Zürich"})";
  Put(h, {.outbox = {event}});
  h.Reopen();
  const auto events = h.journal().Outbox(10).value();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(records::EncodeEvent(events[0]), records::EncodeEvent(event));
}

void OutboxKeepsOrder(MigrationJournalHarness& h) {
  Put(h, {.outbox = {Announced("z"), Announced("m")}});
  Put(h, {.outbox = {Announced("a")}});
  h.Reopen();
  Put(h, {.outbox = {Announced("b")}});
  EXPECT_EQ(EventIds(h.journal().Outbox(10)), (Names{"z", "m", "a", "b"}));
  EXPECT_EQ(EventIds(h.journal().Outbox(3)), (Names{"z", "m", "a"}));
}

void PublishedEventsAreForgotten(MigrationJournalHarness& h) {
  Put(h, {.outbox = {Announced("a"), Announced("b"), Announced("c")}});
  Put(h, {.published = {"b", "unknown"}});
  EXPECT_EQ(EventIds(h.journal().Outbox(10)), (Names{"a", "c"}));
  h.Reopen();
  Put(h, {.outbox = {Announced("d")}, .published = {"a", "c"}});
  EXPECT_EQ(EventIds(h.journal().Outbox(10)), Names{"d"});
}

void AnEventWaitsOnce(MigrationJournalHarness& h) {
  Put(h, {.outbox = {Announced("a")}});
  const auto again = h.journal().Apply({.outbox = {Announced("b"), Announced("a")}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  const auto twice = h.journal().Apply({.outbox = {Announced("c"), Announced("c")}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(EventIds(h.journal().Outbox(10)), Names{"a"});
}

void ARefusedChangeLeavesNothing(MigrationJournalHarness& h) {
  Put(h, {.observations = {{kRun1, Seen("a", true)}}, .outbox = {Announced("a"), Announced("b")}});
  const auto refused = h.journal().Apply({.observations = {{kRun1, Seen("b", true)}, {{"rig", "new"}, {}}},
                                          .progress = {{kRun1, Stored("b")}},
                                          .files = {{kRun1, File("f", 1, FileState::kStored)}},
                                          .sources = {{.source = "rig", .entries = 1}},
                                          .outbox = {Announced("c"), Announced("a")},
                                          .published = {"b"}});
  EXPECT_FALSE(refused);
  for (const bool reopened : {false, true}) {
    if (reopened) h.Reopen();
    const auto record = h.journal().FindSession(kRun1).value().value();
    EXPECT_EQ(record.observation, Seen("a", true));
    EXPECT_EQ(record.progress, Progress{});
    EXPECT_EQ(Ids(h.journal().ListSessions({})), Names{"rig/run-1"});
    EXPECT_EQ(h.journal().FindFile(kRun1, "f").value(), std::nullopt);
    EXPECT_EQ(h.journal().FindSource("rig").value(), std::nullopt);
    EXPECT_EQ(EventIds(h.journal().Outbox(10)), (Names{"a", "b"}));
  }
}

// One thread makes sessions with a file and an event each; another one finds a session and asks for the rest of it.
void ReadersNeverSeeHalfAChange(MigrationJournalHarness& h) {
  constexpr int kSessions = 50;
  auto& j = h.journal();
  std::atomic<bool> written = false;
  std::jthread writer([&] {
    for (int i = 0; i < kSessions; ++i) {
      const SessionRef session{"rig", std::to_string(i)};
      EXPECT_TRUE(j.Apply({.observations = {{session, Seen("a", true)}},
                           .files = {{session, File("f", 1, FileState::kStored)}},
                           .outbox = {Announced(session.id)}}));
    }
    written = true;
  });
  size_t halves = 0;
  // Looked up twice: after the first the second is there as well.
  for (int i = 0; i < kSessions;) {
    const SessionRef session{"rig", std::to_string(i)};
    const bool last_look = written;
    const auto seen = j.FindObservation(session.source, session.id);
    if (seen && !*seen && !last_look) continue;
    const auto file = j.FindFile(session, "f");
    if (!seen || !*seen || !file || !*file) ++halves;
    ++i;
  }
  EXPECT_EQ(halves, 0U);
}

void OneAgentAtATime(MigrationJournalHarness& h) {
  const auto second = h.OpenSecond();
  if (!second) GTEST_SKIP() << "lies in one process only";
  ASSERT_FALSE(*second);
  EXPECT_EQ(second->error().code, ErrorCode::kAlreadyExists);
  Put(h, {.observations = {{kRun1, Seen("a", true)}}});
  EXPECT_EQ(h.journal().FindObservation("rig", "run-1").value(), Seen("a", true));
}

void ReadersSeeChangesAndCannotWrite(MigrationJournalHarness& h) {
  const auto reader = h.OpenReader();
  if (reader == nullptr) GTEST_SKIP() << "lies in one process only";
  Put(h, {.observations = {{kRun1, Seen("a", true)}}});
  EXPECT_EQ(reader->FindObservation("rig", "run-1").value(), Seen("a", true));
  EXPECT_EQ(reader->AgentId().value(), h.journal().AgentId().value());
  const auto refused = reader->Apply({.observations = {{kRun1, Seen("b", true)}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(h.journal().FindObservation("rig", "run-1").value(), Seen("a", true));
}

constexpr Case<MigrationJournalHarness> kCases[] = {
    {"EventsAreKept", EventsAreKept},
    {"OutboxKeepsOrder", OutboxKeepsOrder},
    {"PublishedEventsAreForgotten", PublishedEventsAreForgotten},
    {"AnEventWaitsOnce", AnEventWaitsOnce},
    {"ARefusedChangeLeavesNothing", ARefusedChangeLeavesNothing},
    {"ReadersNeverSeeHalfAChange", ReadersNeverSeeHalfAChange},
    {"OneAgentAtATime", OneAgentAtATime},
    {"ReadersSeeChangesAndCannotWrite", ReadersSeeChangesAndCannotWrite},
};

}  // namespace

Cases ChangeCases() { return kCases; }

}  // namespace seshat::conformance::journal
