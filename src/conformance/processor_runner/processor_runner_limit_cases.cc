// Ends that a program does not choose: time, stop, memory, file size.
#include <algorithm>
#include <thread>

#include "conformance/processor_runner/processor_runner_steps.h"

namespace seshat::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Runs kHang in the background and triggers `stop` once both of its processes are there.
void StopWhenReady(const RunSteps& steps, std::stop_source& stop, const std::stop_token& done) {
  const auto deadline = std::chrono::steady_clock::now() + seconds(30);
  while (!done.stop_requested() && std::chrono::steady_clock::now() < deadline &&
         !std::filesystem::exists(steps.output("ready")))
    std::this_thread::yield();
  stop.request_stop();
}

void TimeoutKillsEverything(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  auto run = steps.Make(Behaviour::kHang);
  run.timeout = milliseconds(1500);
  const auto report = steps.Run(run);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->end, RunEnd::kTimedOut);
  EXPECT_FALSE(report->succeeded());
  EXPECT_GE(report->wall, run.timeout);
  EXPECT_TRUE(steps.LockIsFree()) << "a process of the run still holds its lock";
}

void StopKillsEverything(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  const auto run = steps.Make(Behaviour::kHang);
  std::stop_source stop;
  const std::jthread watcher([&](const std::stop_token& done) { StopWhenReady(steps, stop, done); });
  const auto report = steps.Run(run, stop.get_token());
  EXPECT_FALSE(report);
  if (report) return;
  EXPECT_EQ(report.error().code, ErrorCode::kCancelled) << report.error().ToString();
  EXPECT_TRUE(steps.LockIsFree()) << "a process of the run still holds its lock";
}

void StoppedBeforeItBeginsRunsNothing(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  std::stop_source stop;
  stop.request_stop();
  const auto report = steps.Run(steps.Make(Behaviour::kHang), stop.get_token());
  EXPECT_FALSE(report);
  if (report) return;
  EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
}

void ChildrenEndWithTheProgram(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  const auto report = steps.Run(steps.Make(Behaviour::kLeaveBehind));
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_TRUE(report->succeeded()) << report->Describe();
  EXPECT_TRUE(steps.LockIsFree()) << "a process of the run still holds its lock";
}

void MemoryIsLimited(ProcessorRunnerHarness& h) {
  if (!h.runner().capabilities().limits_memory) GTEST_SKIP() << "this adapter limits no memory";
  constexpr uint64_t kLimit = 64ULL << 20;
  RunSteps modest(h, "modest");
  auto run = modest.Make(Behaviour::kUseMemory, {std::to_string(kLimit / 4)});
  run.memory_bytes = kLimit;
  if (!modest.RunWell(run)) return;
  RunSteps greedy(h, "greedy");
  run = greedy.Make(Behaviour::kUseMemory, {std::to_string(kLimit * 8)});
  run.memory_bytes = kLimit;
  const auto report = greedy.Run(run);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_FALSE(report->succeeded()) << "512 MiB fitted into 64";
}

void OutputFilesAreLimited(ProcessorRunnerHarness& h) {
  if (!h.runner().capabilities().limits_memory) GTEST_SKIP() << "this adapter limits nothing";
  constexpr uint64_t kLimit = 1 << 20;
  RunSteps steps(h);
  auto run = steps.Make(Behaviour::kWriteMuch, {std::to_string(8 * kLimit)});
  run.output_bytes = kLimit;
  const auto report = steps.Run(run);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_FALSE(report->succeeded());
  std::error_code error;
  EXPECT_LE(std::filesystem::file_size(steps.output("much"), error), kLimit);
  EXPECT_FALSE(error) << error.message();
}

constexpr Case<ProcessorRunnerHarness> kCases[] = {
    {"TimeoutKillsEverything", TimeoutKillsEverything},
    {"StopKillsEverything", StopKillsEverything},
    {"StoppedBeforeItBeginsRunsNothing", StoppedBeforeItBeginsRunsNothing},
    {"ChildrenEndWithTheProgram", ChildrenEndWithTheProgram},
    {"MemoryIsLimited", MemoryIsLimited},
    {"OutputFilesAreLimited", OutputFilesAreLimited},
};

}  // namespace

std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerLimitCases() { return kCases; }

}  // namespace seshat::conformance
