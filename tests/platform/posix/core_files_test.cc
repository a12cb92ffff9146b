#include "platform/posix/core_files.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seshat::posix {
namespace {

// A core of a process with credentials held the keys.
TEST(CoreFiles, ThisProcessLeavesNone) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    KeepMemoryOutOfCoreFiles();
    _exit(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace seshat::posix
