// On trees made of plain files: what is written where, and what is read, on machines of both kinds.
#include "adapters/process_runner/run_cgroup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

namespace fs = std::filesystem;

// The kernel fills a new cgroup with its files; here the test does, under the name that comes next.
class FakeTree : public ::testing::Test {
 protected:
  fs::path root() const { return directory_ / "cgroup"; }
  std::unique_ptr<process_runner::RunCgroups> Find(const std::string& self) {
    WriteFile(directory_ / "self", self);
    return process_runner::FindRunCgroups(root(), directory_ / "self");
  }
  static std::vector<fs::path> RunsIn(const fs::path& parent) {
    std::vector<fs::path> runs;
    for (const auto& entry : fs::directory_iterator(parent))
      if (entry.path().filename().string().starts_with("seshat-run-")) runs.push_back(entry.path());
    return runs;
  }

  TempDir directory_;
};

TEST_F(FakeTree, NoneIsFoundWhereThereIsNone) {
  fs::create_directories(root());
  EXPECT_EQ(Find(""), nullptr);
  EXPECT_EQ(Find("0::/user.slice\n"), nullptr);
  EXPECT_EQ(Find("4:memory:/\n0::/\n"), nullptr) << "the tree of version 1 is not mounted";
}

TEST_F(FakeTree, Version2WithoutTheMemoryControllerIsNotUsed) {
  WriteFile(root() / "user.slice/cgroup.controllers", "hugetlb pids\n");
  WriteFile(root() / "user.slice/cgroup.subtree_control", "");
  EXPECT_EQ(Find("0::/user.slice\n"), nullptr);
}

TEST_F(FakeTree, Version2IsEnabledBelowOurOwnCgroup) {
  WriteFile(root() / "user.slice/cgroup.controllers", "cpu memory pids\n");
  WriteFile(root() / "user.slice/cgroup.subtree_control", "");
  const auto cgroups = Find("0::/user.slice\n");
  ASSERT_NE(cgroups, nullptr);
  EXPECT_EQ(ReadFile(root() / "user.slice/cgroup.subtree_control"), "+memory");
  // Without the kernel behind it the new directory has no memory.max, so there is no limit to be had.
  EXPECT_FALSE(cgroups->Make(1 << 20));
  EXPECT_TRUE(RunsIn(root() / "user.slice").empty()) << "a failed attempt leaves its directory";
}

TEST_F(FakeTree, Version2IsPreferredWhereBothAreThere) {
  WriteFile(root() / "cgroup.controllers", "memory\n");
  WriteFile(root() / "cgroup.subtree_control", "memory\n");
  WriteFile(root() / "memory/memory.limit_in_bytes", "1\n");
  EXPECT_NE(Find("4:memory:/\n0::/\n"), nullptr);
  EXPECT_EQ(ReadFile(root() / "cgroup.subtree_control"), "memory\n") << "it was on already";
}

TEST_F(FakeTree, Version1ThatRefusesNewCgroupsIsNotUsed) {
  // As with a read-only mount: the directory can be made here, but no limit written to it.
  WriteFile(root() / "memory/box/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Find("4:memory:/box\n"), nullptr);
  EXPECT_TRUE(RunsIn(root() / "memory/box").empty());
}

TEST_F(FakeTree, LeftoversOfProcessesThatAreGoneAreRemoved) {
  WriteFile(root() / "cgroup.controllers", "memory\n");
  WriteFile(root() / "cgroup.subtree_control", "memory\n");
  // No process has this id: it is beyond pid_max's limit of 2^22.
  fs::create_directories(root() / "seshat-run-2000000000-0");
  const std::string own = "seshat-run-" + std::to_string(::getpid()) + "-99999";
  fs::create_directories(root() / own);
  ASSERT_NE(Find("0::/\n"), nullptr);
  EXPECT_FALSE(fs::exists(root() / "seshat-run-2000000000-0"));
  EXPECT_TRUE(fs::exists(root() / own));
}

}  // namespace
}  // namespace seshat::testing
