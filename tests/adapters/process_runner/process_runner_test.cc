#include "adapters/process_runner/process_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>

#include "adapters/process_runner/bubblewrap_command.h"
#include "adapters/process_runner/seccomp_filter.h"
#include "adapters/process_runner/supervise.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

size_t OpenDescriptors() {
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) count += entry.path().empty() ? 0 : 1;
  return count;
}

class ProcessRunner : public ::testing::Test {
 protected:
  ProcessorRun Shell(const std::string& script) {
    WriteFile(directory_ / "input", "1,2\n3,4\n5,6\n");
    fs::create_directories(directory_ / "out");
    return {.command = {"/bin/bash", "-c", script},
            .input = directory_ / "input",
            .input_name = "table.csv",
            .output_directory = directory_ / "out",
            .timeout = std::chrono::seconds(60)};
  }

  TempDir directory_;
};

TEST_F(ProcessRunner, SaysWhatToDoWhereItCannotIsolate) {
  const auto missing = process_runner::MakeProcessRunner({.bubblewrap = "/nowhere/bwrap"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(missing.error().message, HasSubstr("install the package bubblewrap"));
  const auto useless = process_runner::MakeProcessRunner({.bubblewrap = "/usr/bin/false"});
  ASSERT_FALSE(useless);
  EXPECT_EQ(useless.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(useless.error().message, HasSubstr("allow user namespaces"));
}

TEST_F(ProcessRunner, NumberOfProcessesIsLimited) {
  const auto runner = process_runner::MakeProcessRunner({.max_processes = 24}).value();
  ProcessorRun run = Shell("for i in $(seq 60); do (exec tail -f /dev/null) & done; ls /proc | grep -c ^[0-9] > count");
  run.timeout = std::chrono::seconds(3);  // bash tries again for 15 s before it gives up
  const auto report = runner->Run(run, {});
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_FALSE(report->succeeded());
  EXPECT_FALSE(fs::exists(directory_ / "out" / "count"));
  EXPECT_THAT(report->log_tail, HasSubstr("Resource temporarily unavailable"));
}

TEST_F(ProcessRunner, LeavesNoZombieAndNoDescriptor) {
  const auto runner = process_runner::MakeProcessRunner().value();
  ASSERT_TRUE(runner->Run(Shell("exit 0"), {}));
  const size_t before = OpenDescriptors();
  for (const char* script : {"exit 0", "exit 3", "kill -9 $$", "tail -f /dev/null & exit 0"})
    ASSERT_TRUE(runner->Run(Shell(script), {})) << script;
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(ProcessRunner, TheStatisticsProcessorWorksInside) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the program's own LeakSanitizer needs ptrace, which the sandbox refuses";
#endif
  const auto runner = process_runner::MakeProcessRunner().value();
  ProcessorRun run = Shell("");
  run.command = {STATISTICS_PROGRAM};
  run.read_only_paths = {STATISTICS_PROGRAM};
  const auto report = runner->Run(run, {});
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_TRUE(report->succeeded()) << report->Describe() << report->log_tail;
  EXPECT_THAT(ReadFile(directory_ / "out" / "statistics.csv"), HasSubstr("channel,\"column 2\",,,3,2,6,4\n"));
}

TEST_F(ProcessRunner, ProgramsThatAreNotSeenInsideAreRefusedByName) {
  const auto runner = process_runner::MakeProcessRunner().value();
  ProcessorRun run = Shell("");
  run.command = {STATISTICS_PROGRAM};
  const auto report = runner->Run(run, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(report.error().message, HasSubstr("name it in the read-only paths"));
}

TEST_F(ProcessRunner, SystemPathsAreToldFromOthers) {
  for (const char* path : {"/usr/bin/python3", "/bin/sh", "/lib/x", "/usr/local/bin/x"})
    EXPECT_TRUE(process_runner::IsSystemPath(path)) << path;
  for (const char* path : {"/usr/../home/x", "/home/usr/x", "/usrx", "/opt/lab/run", "/"})
    EXPECT_FALSE(process_runner::IsSystemPath(path)) << path;
}

TEST_F(ProcessRunner, TheFilterIsAProgram) {
  const auto filter = process_runner::MakeSeccompFilter();
  ASSERT_TRUE(filter) << filter.error().ToString();
  EXPECT_GT(filter->size(), 100U);
  EXPECT_EQ(filter->size() % 8, 0U) << "each instruction has eight bytes";
}

TEST_F(ProcessRunner, ALogTailIsTheLastBytesHoweverTheyCome) {
  for (const size_t piece : {1UL, 7UL, 4095UL, 4096UL, 4097UL, 100'000UL}) {
    process_runner::LogTail tail;
    std::string all;
    for (int i = 0; all.size() < 20'000; ++i) {
      const std::string text(piece, static_cast<char>('a' + i % 26));
      tail.Append(text);
      all += text;
    }
    EXPECT_EQ(tail.Take(), all.substr(all.size() - process_runner::LogTail::kBytes)) << piece;
  }
}

}  // namespace
}  // namespace seshat::testing
