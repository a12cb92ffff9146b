// Inputs, outputs, and what a report says.
#include <algorithm>
#include <array>
#include <thread>

#include "conformance/processor_runner/processor_runner_steps.h"

namespace seshat::conformance {
namespace {

using std::chrono::seconds;

void OutputsAppear(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  const std::string bytes("a\0b\xff\n", 5);
  if (!steps.RunWell(steps.Make(Behaviour::kCopy, {}, bytes))) return;
  EXPECT_EQ(steps.Output("copy"), bytes);
  EXPECT_EQ(steps.Output("folder/copy"), bytes);
}

void ProgramIsToldItsPaths(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  const auto run = steps.Make(Behaviour::kTell, {"<{input}|{output}>", "{other}", ""});
  if (!steps.RunWell(run)) return;
  const std::string told = steps.Output("told").value_or("");
  std::vector<std::string> lines;
  for (size_t at = 0; at < told.size();) {
    const size_t end = std::min(told.find('\n', at), told.size());
    lines.push_back(told.substr(at, end - at));
    at = end + 1;
  }
  EXPECT_EQ(lines.size(), 6U) << told;
  if (lines.size() != 6) return;
  EXPECT_EQ(lines[0], "<" + lines[3] + "|" + lines[4] + ">");
  EXPECT_EQ(lines[1], "{other}");
  EXPECT_EQ(lines[2], "");
  EXPECT_TRUE(lines[3].ends_with("/input.dat")) << lines[3];
  EXPECT_EQ(lines[5], lines[4]) << "the working directory is the output directory";
}

void SiblingsLieBesideTheInput(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  auto run = steps.Make(Behaviour::kListInput);
  const auto sibling = h.directory() / "elsewhere";
  WriteBytes(sibling, "header");
  run.siblings = {{.path = sibling, .name = "input.hea"}, {.path = sibling, .name = "-two words"}};
  if (!steps.RunWell(run)) return;
  std::vector<std::string> names;
  const std::string listed = steps.Output("names").value_or("");
  for (size_t at = 0; at < listed.size(); at = listed.find('\0', at) + 1)
    names.emplace_back(listed.substr(at, listed.find('\0', at) - at));
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"-two words", "input.dat", "input.hea"}));
}

void HostileInputNamesArrive(ProcessorRunnerHarness& h) {
  const std::string names[] = {"two words",
                               "new\nline",
                               "-rf",
                               "--help",
                               "$(touch x)`touch x`",
                               "a'b\"c",
                               "\xce\xb1\xe2\x82\xac",
                               "\xff\xfe\x80",
                               "{output}",
                               "...",
                               "*",
                               "\\",
                               "\x01\x7f",
                               std::string(255, 'n')};
  int number = 0;
  for (const std::string& name : names) {
    RunSteps steps(h, "run-" + std::to_string(number++));
    auto run = steps.Make(Behaviour::kListInput);
    run.input_name = name;
    if (!steps.RunWell(run)) return;
    EXPECT_EQ(steps.Output("names"), name + '\0');
  }
}

void ExitStatusIsReported(ProcessorRunnerHarness& h) {
  for (const int status : {0, 1, 3, 126, 127}) {
    RunSteps steps(h, "run-" + std::to_string(status));
    const auto report = steps.Run(steps.Make(Behaviour::kExit, {std::to_string(status)}));
    ASSERT_TRUE(report) << report.error().ToString();
    EXPECT_EQ(report->end, RunEnd::kExited);
    EXPECT_EQ(report->exit_status, status);
    EXPECT_EQ(report->succeeded(), status == 0);
    EXPECT_GT(report->wall.count(), 0);
  }
}

void SignalIsReported(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  const auto report = steps.Run(steps.Make(Behaviour::kSignal, {"11"}));
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->end, RunEnd::kSignalled);
  EXPECT_EQ(report->signal, 11);
  EXPECT_FALSE(report->succeeded());
}

void LogTailIsTheEndOfIt(ProcessorRunnerHarness& h) {
  RunSteps few(h, "few");
  const auto small = few.Run(few.Make(Behaviour::kLog, {"3"}));
  ASSERT_TRUE(small) << small.error().ToString();
  EXPECT_EQ(small->log_tail,
            "xxxEND\xff"
            "ERR");
  RunSteps many(h, "many");
  const auto large = many.Run(many.Make(Behaviour::kLog, {"3000000"}));
  ASSERT_TRUE(large) << large.error().ToString();
  EXPECT_EQ(large->log_tail.size(), 4096U);
  EXPECT_TRUE(
      large->log_tail.ends_with("xxxEND\xff"
                                "ERR"));
}

void BadRunsAreRefused(ProcessorRunnerHarness& h) {
  RunSteps steps(h);
  const ProcessorRun good = steps.Make(Behaviour::kCopy);
  const auto refused = [&](auto spoil) {
    ProcessorRun run = good;
    spoil(run);
    const auto report = steps.Run(run);
    return !report && report.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.command.clear(); }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.command.front() = "relative"; }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.command.front() = "/no/such/program"; }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.command.push_back(std::string("a\0b", 3)); }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.input = r.input.parent_path() / "missing"; }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.input = r.input.parent_path(); }));
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                                  std::string(256, 'n'), std::string("\0", 1)})
    EXPECT_TRUE(refused([&](ProcessorRun& r) { r.input_name = name; })) << name;
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.siblings = {{.path = r.input, .name = r.input_name}}; }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.siblings = {{.path = r.input, .name = "../x"}}; }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.read_only_paths = {"/"}; }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.timeout = {}; }));
  EXPECT_TRUE(refused([](ProcessorRun& r) { r.memory_bytes = 0; }));
  EXPECT_TRUE(std::filesystem::is_empty(good.output_directory)) << "nothing of these may have run";
}

void ConcurrentRunsKeepApart(ProcessorRunnerHarness& h) {
  constexpr int kThreads = 4;
  constexpr int kRuns = 3;
  std::array<std::vector<std::string>, kThreads> copies;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kRuns; ++i) {
          const std::string name = std::to_string(t) + "-" + std::to_string(i);
          RunSteps steps(h, name);
          (void)steps.Run(steps.Make(Behaviour::kCopy, {}, name));
          copies[static_cast<size_t>(t)].push_back(steps.Output("copy").value_or("nothing"));
        }
      });
    }
  }
  for (int t = 0; t < kThreads; ++t)
    for (int i = 0; i < kRuns; ++i)
      EXPECT_EQ(copies[static_cast<size_t>(t)][static_cast<size_t>(i)], std::to_string(t) + "-" + std::to_string(i));
}

constexpr Case<ProcessorRunnerHarness> kCases[] = {
    {"OutputsAppear", OutputsAppear},
    {"ProgramIsToldItsPaths", ProgramIsToldItsPaths},
    {"SiblingsLieBesideTheInput", SiblingsLieBesideTheInput},
    {"HostileInputNamesArrive", HostileInputNamesArrive},
    {"ExitStatusIsReported", ExitStatusIsReported},
    {"SignalIsReported", SignalIsReported},
    {"LogTailIsTheEndOfIt", LogTailIsTheEndOfIt},
    {"BadRunsAreRefused", BadRunsAreRefused},
    {"ConcurrentRunsKeepApart", ConcurrentRunsKeepApart},
};

}  // namespace

std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerBasicCases() { return kCases; }

}  // namespace seshat::conformance
