#include "support/fault_calls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <thread>

#include "platform/sqlite/database.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

// open, write, fsync, close: four calls.
int Store(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  int failed = 0;
  if (::write(fd, "abcdef", 6) != 6) failed = errno != 0 ? errno : ENODATA;
  if (failed == 0 && ::fsync(fd) != 0) failed = errno;
  if (::close(fd) != 0 && failed == 0) failed = errno;
  return failed;
}

TEST(FaultCallsTest, FailsTheNthCallOnceAndCounts) {
  const TempDir dir;
  const FaultScope scope({.at = 3, .error_number = ENOSPC});
  EXPECT_EQ(Store(dir / "a"), ENOSPC);
  EXPECT_EQ(scope.first(), "fsync");
  EXPECT_EQ(scope.injected(), 1U);
  EXPECT_EQ(Store(dir / "b"), 0);
  EXPECT_EQ(scope.calls(), 8U);
}

TEST(FaultCallsTest, ForEverMeansAllBehindIt) {
  const TempDir dir;
  const FaultScope scope({.at = 2, .for_ever = true, .error_number = EIO});
  EXPECT_EQ(Store(dir / "a"), EIO);
  EXPECT_EQ(Store(dir / "b"), EIO);
  EXPECT_GE(scope.injected(), 2U);
}

TEST(FaultCallsTest, ASweepEndsBehindTheLastCall) {
  const TempDir dir;
  const uint64_t hit = SweepFaults({}, [&](const CallFaults& plan) {
    const FaultScope scope(plan);
    const int code = Store(dir / "a");
    EXPECT_EQ(code != 0, scope.injected() != 0) << plan.at << " " << scope.first();
    return scope.injected();
  });
  EXPECT_EQ(hit, 4U);
}

TEST(FaultCallsTest, ALostAnswerHasTakenEffect) {
  const TempDir dir;
  {
    const FaultScope scope({.action = CallFaults::Action::kFailAfter, .error_number = EIO, .only = "mkdir"});
    EXPECT_EQ(::mkdir((dir / "d").c_str(), 0700), -1);
    EXPECT_EQ(errno, EIO);
  }
  EXPECT_TRUE(std::filesystem::is_directory(dir / "d"));
}

TEST(FaultCallsTest, ShortensTransfers) {
  const TempDir dir;
  {
    const FaultScope scope({.action = CallFaults::Action::kShorten});
    EXPECT_NE(Store(dir / "a"), 0);
    EXPECT_EQ(scope.calls(), 1U);
  }
  EXPECT_EQ(ReadFile(dir / "a"), "abc");
}

TEST(FaultCallsTest, KillsAChild) {
  const TempDir dir;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const FaultScope scope({.action = CallFaults::Action::kKill, .at = 3});
    Store(dir / "a");
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(ReadFile(dir / "a"), "abcdef");
}

TEST(FaultCallsTest, ThreadsStartedUnderAScopeBelongToItAndOthersDoNot) {
  const TempDir dir;
  std::promise<void> armed;
  int before = -1;
  std::thread older([&] {
    armed.get_future().wait();
    before = Store(dir / "b");
  });
  int inside = -1;
  {
    const FaultScope scope({.at = 1, .for_ever = true});
    std::thread([&] { inside = Store(dir / "a"); }).join();
    armed.set_value();
    older.join();
  }
  EXPECT_EQ(inside, EIO);
  EXPECT_EQ(before, 0);
}

TEST(FaultCallsTest, NothingFailsOutsideAScope) {
  const TempDir dir;
  {
    const FaultScope scope({.at = 1, .for_ever = true});
  }
  EXPECT_EQ(Store(dir / "a"), 0);
}

TEST(FaultCallsTest, ReachesTheStandardLibraryToo) {
  const TempDir dir;
  const FaultScope scope({.at = 1, .for_ever = true, .error_number = EACCES});
  std::error_code error;
  std::filesystem::create_directory(dir / "d", error);
  EXPECT_EQ(error, std::errc::permission_denied);
}

TEST(FaultCallsTest, EverySqliteCallCanFail) {
  const TempDir dir;
  int files = 0;
  const uint64_t hit = SweepFaults({.files = false, .sqlite = true}, [&](const CallFaults& plan) {
    const FaultScope scope(plan);
    const auto run = [&]() -> Status {
      SESHAT_ASSIGN(auto db, sqlite::Database::Open(dir / ("db" + std::to_string(++files)), {}));
      SESHAT_TRY(db->Execute("CREATE TABLE t(a, b)"));
      SESHAT_ASSIGN(auto insert, db->Prepare("INSERT INTO t VALUES (?, ?)"));
      return insert.Bind(1).Bind("two").Run();
    };
    const Status status = run();
    EXPECT_EQ(status.has_value(), scope.injected() == 0) << scope.first();
    return scope.injected();
  });
  // At the least: open, compiling and running each of three statements, two bindings.
  EXPECT_GE(hit, 9U);
}

TEST(FaultCallsTest, ReachesTheFileCallsOfSqlite) {
  const TempDir dir;
  auto db = sqlite::Database::Open(dir / "db", {});
  ASSERT_TRUE(db) << db.error().ToString();
  ASSERT_TRUE((*db)->Execute("CREATE TABLE t(a)"));
  const FaultScope scope({.at = 1, .for_ever = true, .error_number = ENOSPC, .only = "pwrite"});
  const Status status = (*db)->Execute("INSERT INTO t VALUES (1)");
  EXPECT_FALSE(status);
  EXPECT_GT(scope.injected(), 0U);
}

}  // namespace
}  // namespace seshat::testing
