// Two agents, each with a journal of its own, that find the same session id at the same moment and share one file
// store: one of them owns it, the other says so, and nothing is overwritten or mixed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/file_store/file_store.h"
#include "ports/random.h"
#include "services/migration/lab.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

constexpr int kRounds = 100;

// The agent of one rig, all but the store its own.
struct Agent {
  explicit Agent(int number) : name(fmt::format("rig-{}", number)) {
    // Owner records differ by who claims: agents' ids do, and so do nonces.
    lab.journal = memory_journal::MakeMemoryJournal("agent-of-" + name);
    for (int i = 0; i < number; ++i) static_cast<void>(RandomId(lab.random));
    lab.AddSource(QuickSpec(name));
  }
  void Find(const std::string& id) {
    for (const char* file : {"a.bin", "b.bin", "metadata.txt"})
      lab.source().Write(fmt::format("{}/{}", id, file), fmt::format("{} of {}", file, name));
  }
  // Until the session is seen to be complete.
  void Scan() {
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(lab.service().ScanOnce(name, {}));
      lab.clock.Advance(std::chrono::seconds(10));
    }
  }
  migration::SessionState StateOf(const std::string& id) {
    const auto record = lab.journal->FindSession({name, id});
    EXPECT_TRUE(record && *record);
    return record && *record ? migration::StateOf(**record) : migration::SessionState::kWaiting;
  }

  std::string name;
  Lab lab;
};

std::vector<std::string> KeysOf(BlobStore& store, const std::string& id) {
  std::vector<std::string> keys;
  const auto page = store.List({.prefix = id + "/"});
  EXPECT_TRUE(page);
  if (page)
    for (const auto& blob : page->blobs) keys.push_back(blob.key);
  return keys;
}

void ExpectAllOf(const Agent& winner, BlobStore& store, const std::string& id) {
  const auto key = [&](const std::string& name) { return BlobKey::Parse(id + "/" + name).value(); };
  EXPECT_EQ(KeysOf(store, id),
            (std::vector<std::string>{id + "/manifests/000001.json", id + "/owner.json", id + "/raw/a.bin",
                                      id + "/raw/b.bin", id + "/raw/metadata.txt"}));
  const auto manifest = records::DecodeManifest(GetBytes(store, key("manifests/000001.json"), 1 << 20).value_or(""));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->source, winner.name);
  ASSERT_EQ(manifest->files.size(), 3U);
  for (const auto& file : manifest->files)
    EXPECT_EQ(GetBytes(store, BlobKey::Parse(file.key).value(), 1 << 20).value_or(""),
              fmt::format("{} of {}", file.path, winner.name));
}

TEST(TwoAgents, OneWinsEachRoundAndNothingIsMixed) {
  const TempDir dir;
  const auto reader = file_store::MakeFileBlobStore({.root = dir / "store"}).value();
  std::array<Agent, 2> agents{Agent(0), Agent(1)};
  std::array<std::unique_ptr<BlobStore>, 2> stores;
  for (size_t i = 0; i < agents.size(); ++i) {
    stores[i] = file_store::MakeFileBlobStore({.root = dir / "store", .access = BlobAccess::kWriteOnly}).value();
    agents[i].lab.store_front = stores[i].get();
    agents[i].lab.Start();
  }
  std::array<int, 2> wins{};
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    const std::string id = fmt::format("run-{:03}", round);
    for (Agent& agent : agents) {
      agent.Find(id);
      agent.Scan();
    }
    std::barrier start(2);
    const auto upload = [&](Agent& agent) {
      start.arrive_and_wait();
      EXPECT_TRUE(agent.lab.service().UploadOnce({}).store);
    };
    {
      const std::jthread other([&] { upload(agents[1]); });
      upload(agents[0]);
    }
    const size_t winner = agents[0].StateOf(id) == migration::SessionState::kCommitted ? 0 : 1;
    Agent& loser = agents[1 - winner];
    ++wins[winner];
    EXPECT_EQ(agents[winner].StateOf(id), migration::SessionState::kCommitted);
    EXPECT_EQ(loser.StateOf(id), migration::SessionState::kConflict);
    EXPECT_NE(loser.lab.Why(id).why.find("another source"), std::string::npos);
    ExpectAllOf(agents[winner], *reader, id);
  }
  size_t announced = 0;
  for (size_t i = 0; i < agents.size(); ++i) {
    EXPECT_EQ(agents[i].lab.Migrated().size(), static_cast<size_t>(wins[i])) << "only winners announce";
    announced += agents[i].lab.Migrated().size();
    EXPECT_EQ(agents[i].lab.journal->Count(agents[i].name)->conflicts, static_cast<uint64_t>(wins[1 - i]));
    EXPECT_EQ(agents[i].lab.source().Files().size(), size_t{3} * kRounds) << "sources stay as they are";
  }
  EXPECT_EQ(announced, size_t{kRounds});
}

}  // namespace
}  // namespace seshat::testing
