// What the cases of the ProcessorRunner suite share.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/processor_runner/processor_runner_suite.h"

namespace seshat::conformance {

std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerBasicCases();
std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerLimitCases();
std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerIsolationCases();

// A run in a folder of its own below the harness's directory.
class RunSteps {
 public:
  explicit RunSteps(ProcessorRunnerHarness& harness, std::string folder = "run");

  // The input holds `bytes`.
  ProcessorRun Make(Behaviour behaviour, std::vector<std::string> arguments = {},
                    std::string_view bytes = "the input\n");
  Result<RunReport> Run(const ProcessorRun& run, std::stop_token stop = {});
  // Runs, and expects exit status 0. False where that fails.
  bool RunWell(const ProcessorRun& run);

  std::filesystem::path output(std::string_view name) const;
  std::optional<std::string> Output(std::string_view name) const;  // its bytes
  std::string InputBytes() const;
  // Nobody holds the lock that kHang and kLeaveBehind take: their processes are gone.
  bool LockIsFree() const;

 private:
  ProcessorRunnerHarness& harness_;
  std::filesystem::path folder_;
};

std::optional<std::string> ReadIfThere(const std::filesystem::path& path);
void WriteBytes(const std::filesystem::path& path, std::string_view bytes);

}  // namespace seshat::conformance
