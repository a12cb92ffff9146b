// Trouble and crashes at every call to a port: nothing lost, nothing stored twice, nothing half visible, every
// revision announced under one id.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "services/migration/faulty_agent_ports.h"
#include "services/migration/lab.h"

namespace seshat::testing {
namespace {

struct Stand {
  explicit Stand(FaultOptions faults, std::optional<std::chrono::seconds> delete_after = {},
                 const ManifestLimits& manifest = {})
      : plan(faults) {
    lab.options.manifest = manifest;
    auto spec = QuickSpec("rig");
    spec.delete_after = delete_after;
    lab.AddSource(std::move(spec));
    store.emplace(*lab.writer, plan);
    bus.emplace(*lab.bus, plan);
    journal.emplace(*lab.journal, plan);
    tree.emplace(lab.source(), plan);
    lab.store_front = &*store;
    lab.bus_front = &*bus;
    lab.journal_front = &*journal;
    lab.tree_fronts = {&*tree};
  }
  // The crash: nothing but what is in journal, store and bus goes on.
  void Restart() {
    lab.store_front = nullptr;
    lab.bus_front = nullptr;
    lab.journal_front = nullptr;
    lab.tree_fronts.clear();
    lab.Start();
  }

  Lab lab;
  FaultPlan plan;
  std::optional<FaultyBlobStore> store;
  std::optional<FaultyEventBus> bus;
  std::optional<FaultyJournal> journal;
  std::optional<FaultySource> tree;
};

void WriteFirst(memory_source::MemorySource& rig) {
  rig.Write("run-1/a.bin", "small a");
  rig.Write("run-1/large.bin", std::string(150'000, 'x'));
  rig.Write("run-1/metadata.txt", "operator: Ada");
  rig.MakeSpecial("run-1/link", EntryKind::kSymlink);
  rig.Write("run-2/only.bin", "2");
}

void WriteSecond(memory_source::MemorySource& rig) {
  rig.Write("run-1/a.bin", "changed a");
  rig.Write("run-1/late.bin", "late");
  rig.Remove("run-1/metadata.txt");
}

void CheckPromises(Lab& lab, const std::map<std::string, std::string>& truth) {
  std::map<std::string, std::string> stored;
  std::set<std::string> named;
  size_t revisions = 0;
  for (const std::string id : {"run-1", "run-2"}) {
    for (const auto& [path, bytes] : lab.Stored(id)) stored[id + "/" + path] = bytes;
    for (uint32_t revision = 1; const auto manifest = lab.ManifestOf(id, revision); ++revision) {
      ++revisions;
      for (auto& key : lab.ManifestKeys(id, revision)) named.insert(std::move(key));
      for (const auto& file : manifest->files) named.insert(file.key);
    }
    if (lab.Newest(id)) named.insert(id + "/owner.json");
  }
  EXPECT_EQ(stored, truth);
  // Whatever was stored is used: nothing twice, nothing left over.
  EXPECT_EQ(lab.Keys(), std::vector<std::string>(named.begin(), named.end()));
  std::map<std::string, std::set<std::string>> ids;
  for (const auto& event : lab.Events()) {
    if (event.type != SessionMigrated::kType) continue;
    const auto data = SessionMigrated::FromData(event.data).value();
    ids[fmt::format("{} {}", data.session_id, data.revision)].insert(event.id);
  }
  EXPECT_EQ(ids.size(), revisions);
  for (const auto& [fact, of_fact] : ids) EXPECT_EQ(of_fact.size(), 1U) << fact;
  // One that was begun when the crash came before its first state was safe is unknown to everybody; stores expire such.
  EXPECT_LE(lab.blobs->unfinished_puts(), 1U);
}

void Sweep(bool crash, FaultWhen when, ErrorCode code, const ManifestLimits& manifest = {}) {
  uint64_t n = 1;
  for (;; ++n) {
    SCOPED_TRACE(fmt::format("fault at call {}", n));
    Stand stand({.fail_at = n, .for_ever = crash, .when = when, .code = code}, {}, manifest);
    WriteFirst(stand.lab.source());
    stand.lab.Settle(4);
    const bool in_first = stand.plan.fired();
    if (crash && in_first) {
      // Nothing that is not whole is visible at the moment of the crash.
      for (const std::string id : {"run-1", "run-2"})
        EXPECT_EQ(stand.lab.Newest(id).has_value(), !stand.lab.Stored(id).empty());
      stand.Restart();
      stand.lab.Settle(4);
    }
    WriteSecond(stand.lab.source());
    stand.lab.Settle(4);
    if (crash && !in_first) {
      stand.Restart();
    } else {
      stand.plan.Repair();
    }
    // Beyond the longest pause after a failure.
    stand.lab.Settle(4);
    CheckPromises(stand.lab, stand.lab.source().Files());
    if (!stand.plan.fired() || ::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(n, 50U);
}

TEST(MigrationCrash, BeforeAnyCall) { Sweep(true, FaultWhen::kBefore, ErrorCode::kUnavailable); }
TEST(MigrationCrash, AfterAnyCall) { Sweep(true, FaultWhen::kAfter, ErrorCode::kUnavailable); }
TEST(MigrationTrouble, OneFailureAnywhere) { Sweep(false, FaultWhen::kBefore, ErrorCode::kUnavailable); }
TEST(MigrationTrouble, OneLostAnswerAnywhere) { Sweep(false, FaultWhen::kAfter, ErrorCode::kUnavailable); }
TEST(MigrationTrouble, DiskFullAnywhere) { Sweep(false, FaultWhen::kBefore, ErrorCode::kResourceExhausted); }

// One entry a page: every session of more than one file has pages.
constexpr ManifestLimits kPages{.entries = 1};

TEST(MigrationCrash, BeforeAnyCallWithAManifestInPages) {
  Sweep(true, FaultWhen::kBefore, ErrorCode::kUnavailable, kPages);
}
TEST(MigrationCrash, AfterAnyCallWithAManifestInPages) {
  Sweep(true, FaultWhen::kAfter, ErrorCode::kUnavailable, kPages);
}
TEST(MigrationTrouble, OneFailureAnywhereWithAManifestInPages) {
  Sweep(false, FaultWhen::kBefore, ErrorCode::kUnavailable, kPages);
}
TEST(MigrationTrouble, OneLostAnswerAnywhereWithAManifestInPages) {
  Sweep(false, FaultWhen::kAfter, ErrorCode::kUnavailable, kPages);
}

TEST(MigrationCrash, DeletionAtTheSourceLosesNothing) {
  for (const auto when : {FaultWhen::kBefore, FaultWhen::kAfter}) {
    for (uint64_t n = 1;; ++n) {
      SCOPED_TRACE(fmt::format("fault at call {}", n));
      Stand stand({.fail_at = n, .for_ever = true, .when = when}, std::chrono::seconds(20));
      memory_source::MemorySource& rig = stand.lab.source();
      rig.Write("run-1/a.bin", "small a");
      rig.Write("run-1/large.bin", std::string(150'000, 'x'));
      const auto truth = rig.Files();
      stand.lab.Settle(6);
      for (const auto& [path, bytes] : truth)
        EXPECT_TRUE(rig.Files().contains(path) || stand.lab.Newest("run-1")) << path << " is nowhere";
      stand.Restart();
      stand.lab.Settle(12);
      CheckPromises(stand.lab, truth);
      EXPECT_EQ(stand.lab.Newest("run-1")->revision, 1U);
      const auto left = rig.Files();
      EXPECT_EQ(left.size(), 1U);
      EXPECT_THAT(left.at("run-1/SESHAT-MOVED.txt"), ::testing::HasSubstr("memory:///run-1/manifests/000001.json"));
      if (!stand.plan.fired() || ::testing::Test::HasFailure()) break;
    }
  }
}

}  // namespace
}  // namespace seshat::testing
