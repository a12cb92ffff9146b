#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/records/manifest.h"
#include "services/indexing/indexing_lab.h"
#include "services/records/session_list.h"

namespace seshat::indexing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FaultPlan;
using testing::FaultWhen;
using ::testing::HasSubstr;
using testing::IndexingLab;
using ::testing::Key;
using ::testing::Not;

void PutLab(IndexingLab& lab, int sessions) {
  for (int i = 0; i < sessions; ++i) {
    const auto id = "s" + std::to_string(i);
    lab.PutSession({.id = id, .metadata = "number: " + std::to_string(i) + "\n"});
    if (i % 2 == 0) lab.PutReceipt(id, "a.bin", "stats");
  }
}

TEST(Reindex, MakesTheSameDocumentsFromTheBlobStoreAlone) {
  IndexingLab lab;
  for (int i = 0; i < 30; ++i) {
    const auto id = "s" + std::to_string(i);
    lab.Publish({lab.PutSession({.id = id, .metadata = "number: " + std::to_string(i) + "\n"})});
    if (i % 2 == 0) lab.Publish({lab.PutReceipt(id, "a.bin", "stats")});
  }
  lab.Drain(*lab.MakeService());
  const auto live = lab.Documents();
  ASSERT_EQ(live.size(), 30u);
  lab.LoseIndex();
  std::vector<ReindexProgress> reports;
  const auto done = lab.MakeService()->Reindex([&](const ReindexProgress& p) { reports.push_back(p); }, {});
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ(done->sessions, 30u);
  EXPECT_EQ(done->indexed, 30u);
  EXPECT_EQ(lab.Documents(), live);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back().indexed, 30u);
  EXPECT_TRUE(std::ranges::is_sorted(reports, {}, &ReindexProgress::indexed));
}

TEST(Reindex, ForgetsWhatTheBlobStoreDoesNotHave) {
  IndexingLab lab;
  lab.PutSession({.id = "real"});
  SessionDocument ghost;
  ghost.session_id = "ghost";
  ghost.version = 1;
  ASSERT_TRUE(lab.index->Upsert(std::span(&ghost, 1)));
  ASSERT_TRUE(lab.MakeService()->Reindex({}, {}));
  EXPECT_THAT(lab.Documents(), ElementsAre(::testing::Pair("real", ::testing::_)));
}

TEST(Reindex, GoesOnPastUnfinishedAndDamagedSessions) {
  IndexingLab lab;
  PutLab(lab, 3);
  lab.Put("uploading/owner.json", records::EncodeOwner({}));
  lab.Put("damaged/manifests/000001.json", "no manifest");
  lab.Put(".hidden/x", "not a session");
  const auto done = lab.MakeService()->Reindex({}, {});
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ(done->sessions, 5u);
  EXPECT_EQ(done->indexed, 3u);
  EXPECT_EQ(done->unfinished, 1u);
  EXPECT_EQ(done->failed, 1u);
  EXPECT_THAT(done->failures, ElementsAre(HasSubstr("damaged: ")));
  EXPECT_EQ(lab.Documents().size(), 3u);
}

TEST(Reindex, ADocumentThatTheIndexRefusesIsReported) {
  IndexingLab lab;
  PutLab(lab, 3);
  lab.PutSession({.id = "bad"});
  testing::PickyIndex picky(*lab.index);
  const auto done =
      MakeIndexingService({*lab.store, *lab.bus, picky, lab.clock, lab.random, lab.logger, lab.metrics, lab.tracer})
          ->Reindex({}, {});
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ(done->indexed, 3u);
  EXPECT_THAT(done->failures, ElementsAre(HasSubstr("bad: I do not like it")));
  EXPECT_EQ(lab.Documents().size(), 3u);
}

TEST(Reindex, NeverEmptiesTheIndexBecauseAllSessionsAreDamaged) {
  IndexingLab lab;
  lab.PutSession({.id = "bad1"});
  lab.PutSession({.id = "bad2"});
  const auto old = lab.MakeService()->IndexSession(SessionId::Parse("bad1").value(), {});
  ASSERT_TRUE(old);
  testing::PickyIndex picky(*lab.index);
  const auto done =
      MakeIndexingService({*lab.store, *lab.bus, picky, lab.clock, lab.random, lab.logger, lab.metrics, lab.tracer})
          ->Reindex({}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(lab.Documents(), Contains(Key("bad1")));
}

TEST(Reindex, EventsCountWhileItRuns) {
  IndexingLab lab;
  PutLab(lab, 5);
  const auto service = lab.MakeService();
  bool migrated = false;
  const auto done = service->Reindex(
      [&](const ReindexProgress&) {
        if (std::exchange(migrated, true)) return;
        lab.Publish({lab.PutSession({.id = "late"}), lab.PutReceipt("s1", "a.bin", "stats")});
        EXPECT_EQ(service->IndexOnce({}), 2u);
      },
      {});
  ASSERT_TRUE(done);
  ASSERT_TRUE(migrated);
  EXPECT_THAT(lab.Documents(), Contains(Key("late")));
  EXPECT_EQ(lab.Documents().at("s1").files.at(0).results.size(), 1u);
}

TEST(Reindex, StopsAndLeavesTheOldIndex) {
  IndexingLab lab;
  PutLab(lab, 5);
  SessionDocument old;
  old.session_id = "old";
  ASSERT_TRUE(lab.index->Upsert(std::span(&old, 1)));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(lab.MakeService()->Reindex({}, stop.get_token()).error().code, ErrorCode::kCancelled);
  EXPECT_THAT(lab.Documents(), Contains(Key("old")));
}

TEST(Reindex, WithFaultsEndsWellOrLeavesTheOldIndex) {
  for (const bool for_ever : {false, true}) {
    for (const auto when : {FaultWhen::kBefore, FaultWhen::kAfter}) {
      for (uint64_t n = 1;; ++n) {
        SCOPED_TRACE(::testing::Message() << "call " << n << (for_ever ? " for ever" : " once")
                                          << (when == FaultWhen::kAfter ? ", after" : ", before"));
        IndexingLab lab;
        PutLab(lab, 3);
        SessionDocument old;
        old.session_id = "old";
        ASSERT_TRUE(lab.index->Upsert(std::span(&old, 1)));
        FaultPlan plan({.fail_at = n, .for_ever = for_ever, .when = when});
        const auto service = MakeIndexingService(lab.faulty_ports(plan), {.batch_bytes = 1, .reindex_threads = 2});
        const auto done = service->Reindex({}, {});
        if (done) {
          ASSERT_EQ(lab.Documents().size(), 3u);
        } else if (when == FaultWhen::kBefore) {
          ASSERT_THAT(lab.Documents(), Contains(Key("old")));
        }
        plan.Repair();
        ASSERT_TRUE(service->Reindex({}, {}));
        ASSERT_EQ(lab.Documents().size(), 3u);
        ASSERT_THAT(lab.Documents(), Not(Contains(Key("old"))));
        if (!plan.fired()) break;
        // A passing fault is nothing that a person should have to deal with; only the answer of the last
        // call, FinishRebuild, cannot be asked for again.
        if (!for_ever && when == FaultWhen::kBefore) {
          ASSERT_TRUE(done) << done.error().ToString();
        }
      }
    }
  }
}

TEST(SessionList, FindsSessionsOverManyPages) {
  IndexingLab lab;
  for (int i = 0; i < 2100; ++i) lab.Put("s" + std::to_string(i) + "/owner.json", "x");
  lab.Put("stray", "not in a folder");
  const auto sessions = stored::ListSessions(*lab.store, {});
  ASSERT_TRUE(sessions);
  EXPECT_EQ(sessions->size(), 2100u);
  EXPECT_TRUE(std::ranges::is_sorted(*sessions));
}

}  // namespace
}  // namespace seshat::indexing
