// Several processes on one store, and processes that are killed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <random>

#include "adapters/file_store/file_store.h"
#include "adapters/file_store/memory_dir.h"
#include "conformance/blob_store/blob_store_probes.h"
#include "support/fault_calls.h"

namespace seshat::testing {
namespace {

using conformance::Key;
using conformance::Keys;
using conformance::Pattern;
using conformance::ReadBack;

std::unique_ptr<BlobStore> Open(const std::filesystem::path& root, BlobAccess access = BlobAccess::kReadWrite) {
  auto store = file_store::MakeFileBlobStore({.root = root, .access = access, .part_bytes = 1024 * 1024});
  return store ? *std::move(store) : nullptr;
}

// Runs `work` in a child of its own. The status of waitpid comes from Wait.
pid_t Fork(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  return child;
}
int Wait(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

constexpr int kRounds = 10'000;

struct Race {
  std::array<std::atomic<int>, 2> round{};                         // where each process is
  std::array<std::array<std::atomic<int>, kRounds>, 2> outcome{};  // 1: stored, 2: taken, 3: anything else
};

int RunRacer(const std::filesystem::path& root, Race& race, int self) {
  const auto store = Open(root, BlobAccess::kWriteOnly);
  if (!store) return 1;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(100);
  for (int i = 0; i < kRounds; ++i) {
    race.round[self] = i + 1;
    while (race.round[1 - self] < i + 1) {
      if (std::chrono::steady_clock::now() > deadline) return 2;
      ::sched_yield();
    }
    const auto outcome = PutBytes(*store, Key(fmt::format("race/{}/{}", i / 100, i)), fmt::format("process {}", self));
    race.outcome[self][i] = outcome ? 1 : outcome.error().code == ErrorCode::kAlreadyExists ? 2 : 3;
  }
  return 0;
}

TEST(FileStoreProcessTest, OfTwoProcessesOneWinsEachOfTenThousandKeys) {
  const MemoryDir dir;
  void* memory = ::mmap(nullptr, sizeof(Race), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  Race& race = *new (memory) Race;
  const auto root = dir / "store";
  const pid_t first = Fork([&] { return RunRacer(root, race, 0); });
  const pid_t second = Fork([&] { return RunRacer(root, race, 1); });
  ASSERT_EQ(Wait(first), 0);
  ASSERT_EQ(Wait(second), 0);

  const auto store = Open(root);
  std::array<int, 2> wins{};
  for (int i = 0; i < kRounds; ++i) {
    const int a = race.outcome[0][i];
    const int b = race.outcome[1][i];
    ASSERT_TRUE((a == 1 && b == 2) || (a == 2 && b == 1)) << "round " << i << ": " << a << ", " << b;
    const int winner = a == 1 ? 0 : 1;
    ++wins[winner];
    ASSERT_EQ(ReadBack(*store, Key(fmt::format("race/{}/{}", i / 100, i))), fmt::format("process {}", winner));
  }
  EXPECT_EQ(Keys(*store).size(), static_cast<size_t>(kRounds));
  EXPECT_TRUE(std::filesystem::is_empty(root / ".seshat/puts"));
  RecordProperty("wins_of_the_first", wins[0]);
  ::munmap(memory, sizeof(Race));
}

// Survives the process, as the agent's journal does.
class FileJournal : public PutJournal {
 public:
  explicit FileJournal(std::filesystem::path path) : path_(std::move(path)) {}
  Status SaveState(std::string_view state) override {
    const auto next = path_.string() + ".next";
    if (!(std::ofstream(next, std::ios::binary) << state).flush()) return Fail(ErrorCode::kUnavailable, "journal");
    std::error_code error;
    std::filesystem::rename(next, path_, error);
    return error ? Status(Fail(ErrorCode::kUnavailable, "journal")) : Status();
  }
  Status SaveDigest(const Sha256&) override { return {}; }
  std::string Load() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path path_;
};

// One life of a process that puts `bytes` and is killed at its `at`-th call. True when it got to the end.
bool LiveUntil(const std::filesystem::path& root, const std::filesystem::path& journal_path, const BlobKey& key,
               const std::string& bytes, uint64_t at) {
  const int status = Wait(Fork([&] {
    const FaultScope scope({.action = CallFaults::Action::kKill, .at = at});
    const auto store = Open(root, BlobAccess::kWriteOnly);
    FileJournal journal(journal_path);
    const auto outcome = PutOne(
        *store, {.key = key, .body = SourceFromBytes(bytes), .journal = &journal, .resume_state = journal.Load()});
    return outcome && outcome->sha256 == Sha256::Of(AsBytes(bytes)) ? 0 : 1;
  }));
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "a resumed put failed";
  return WIFEXITED(status);
}

TEST(FileStoreProcessTest, AResumablePutSurvivesFiftyKills) {
  const MemoryDir dir;
  const auto root = dir / "store";
  std::mt19937 random(20261123);
  int kills = 0;
  for (int object = 0; kills < 50; ++object) {
    const BlobKey key = Key(fmt::format("s/raw/{}.bin", object));
    const auto journal = dir / fmt::format("journal-{}", object);
    const std::string bytes = Pattern(64 * 1024 * 1024 - 17, static_cast<uint64_t>(object));
    int lives = 1;
    for (; lives < 200; ++lives) {
      if (LiveUntil(root, journal, key, bytes, random() % 100 + 1)) break;
      ++kills;
    }
    ASSERT_LT(lives, 200) << "makes no progress";
    EXPECT_TRUE(ReadBack(*Open(root), key) == bytes) << "after " << kills << " kills";
  }
}

// Every point of a put that is short enough to try them all.
TEST(FileStoreProcessTest, AShortResumablePutSurvivesAKillAtEveryCall) {
  const MemoryDir dir;
  const std::string bytes = Pattern(100'000);
  uint64_t at = 1;
  for (bool finished = false; !finished; ++at) {
    const auto root = dir / fmt::format("store-{}", at);
    const auto journal = dir / fmt::format("journal-{}", at);
    const BlobKey key = Key("id/owner.json");
    finished = LiveUntil(root, journal, key, bytes, at);
    const std::string seen = ReadBack(*Open(root), key);
    EXPECT_TRUE(seen == "<not_found>" || seen == bytes) << "killed at call " << at;
    EXPECT_TRUE(LiveUntil(root, journal, key, bytes, 1'000'000)) << "killed at call " << at;
    EXPECT_TRUE(ReadBack(*Open(root), key) == bytes) << "killed at call " << at;
    ASSERT_LT(at, 1000U);
  }
  EXPECT_GT(at, 20U);
}

TEST(FileStoreProcessTest, CleansUpWhatAKillLeftAfterADay) {
  const MemoryDir dir;
  const auto puts = dir / "store" / ".seshat" / "puts";
  ASSERT_TRUE(PutBytes(*Open(dir / "store"), Key("first"), "x"));
  const auto plant = [&](const char* name, int days) {
    WriteFile(puts / name, "left over");
    std::filesystem::last_write_time(puts / name,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * days + 1));
  };
  plant("t0123456789abcdef-1", 1);
  plant("t0123456789abcdef-2", 0);
  plant("r0123456789abcdef-3", 29);
  plant("r0123456789abcdef-4", 30);
  plant("r0123456789abcdef-5", 30);
  std::filesystem::create_hard_link(puts / "r0123456789abcdef-5", dir / "store" / "object");
  plant("a-stranger", 100);
  ASSERT_TRUE(PutBytes(*Open(dir / "store"), Key("second"), "x"));
  EXPECT_FALSE(std::filesystem::exists(puts / "t0123456789abcdef-1"));
  EXPECT_TRUE(std::filesystem::exists(puts / "t0123456789abcdef-2"));
  EXPECT_TRUE(std::filesystem::exists(puts / "r0123456789abcdef-3"));
  EXPECT_FALSE(std::filesystem::exists(puts / "r0123456789abcdef-4"));
  EXPECT_TRUE(std::filesystem::exists(puts / "r0123456789abcdef-5")) << "it took effect; its caller may not know yet";
  EXPECT_TRUE(std::filesystem::exists(puts / "a-stranger"));
}

TEST(FileStoreProcessTest, ObjectsAreReadOnlyAndNobodyElseCanWrite) {
  const MemoryDir dir;
  conformance::ProbeJournal journal;
  const auto store = Open(dir / "store");
  ASSERT_TRUE(PutBytes(*store, Key("a/b"), "x"));
  ASSERT_TRUE(PutOne(*store, {.key = Key("a/c"), .body = SourceFromBytes("y"), .journal = &journal}));
  using std::filesystem::perms;
  const auto writable = perms::owner_write | perms::group_write | perms::others_write;
  for (const char* name : {"a/b", "a/c"}) {
    const auto permissions = std::filesystem::status(dir / "store" / name).permissions();
    EXPECT_EQ(permissions & (writable | perms::others_all), perms::none) << name;
    EXPECT_NE(permissions & perms::owner_read, perms::none) << name;
  }
  const auto folder = std::filesystem::status(dir / "store" / "a").permissions();
  EXPECT_EQ(folder & (perms::group_write | perms::others_all), perms::none);
}

}  // namespace
}  // namespace seshat::testing
