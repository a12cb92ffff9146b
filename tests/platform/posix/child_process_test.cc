#include "platform/posix/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace seshat::posix {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  UniqueFd read;
  UniqueFd write;
};

bool HasOpen(pid_t pid, int like) {
  struct stat wanted{};
  EXPECT_EQ(::fstat(like, &wanted), 0);
  for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/fd", pid))) {
    struct stat found{};
    if (::stat(entry.path().c_str(), &found) == 0 && found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev)
      return true;
  }
  return false;
}

// A parent that is killed now must not leave a child that keeps its locks, or the pipes of its other children.
TEST(StartChildTest, WhileItStartsAChildHoldsNothingOfOthers) {
  const Pipe foreign;
  const Pipe output;
  ChildPlan plan{.argv = {"/bin/echo", "hello"}, .environment = {}, .descriptors = {output.write.get()}};
  bool let_go = false;
  bool kept_its_own = false;
  plan.before_exec = [&](pid_t pid) -> Status {
    const auto deadline = steady_clock::now() + std::chrono::seconds(20);
    while (!let_go && steady_clock::now() < deadline) {
      let_go = !HasOpen(pid, foreign.write.get());
      std::this_thread::yield();
    }
    kept_its_own = HasOpen(pid, output.write.get());
    return {};
  };
  auto child = StartChild(plan);
  ASSERT_TRUE(child) << child.error().ToString();
  EXPECT_TRUE(let_go);
  EXPECT_TRUE(kept_its_own);
  child->Reap();
}

TEST(StartChildTest, DescriptorsComeInTheirOrder) {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Pipe output;
  auto child = StartChild(
      {.argv = {"/bin/echo", "hello"}, .environment = {}, .descriptors = {null.get(), output.write.get(), null.get()}});
  ASSERT_TRUE(child) << child.error().ToString();
  output.write.Reset();
  char text[16] = {};
  EXPECT_EQ(::read(output.read.get(), text, sizeof text), 6);
  EXPECT_STREQ(text, "hello\n");
  EXPECT_EQ(::read(output.read.get(), text, sizeof text), 0);
  EXPECT_EQ(child->Reap().status, 0);
}

TEST(StartChildTest, TellsWhatExecSaid) {
  const auto child = StartChild({.argv = {"/no/such/program"}, .environment = {}});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace seshat::posix
