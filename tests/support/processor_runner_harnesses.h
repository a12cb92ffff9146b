// The runners as the conformance suite wants them.
#pragma once

#include <memory>
#include <utility>

#include "adapters/process_runner/process_runner.h"
#include "conformance/processor_runner/processor_runner_suite.h"
#include "support/memory_programs.h"
#include "support/temp_dir.h"

namespace seshat::testing {

class MemoryRunnerHarness : public conformance::ProcessorRunnerHarness {
 public:
  explicit MemoryRunnerHarness(MemoryMistakes mistakes = {})
      : runner_(memory_processor_runner::MakeMemoryProcessorRunner(MemoryPrograms(mistakes))) {}
  ProcessorRunner& runner() override { return *runner_; }
  std::filesystem::path directory() override { return directory_.path(); }
  std::vector<std::string> Program(conformance::Behaviour behaviour, std::vector<std::string> arguments) override {
    return MemoryProgram(behaviour, std::move(arguments));
  }

 private:
  TempDir directory_;
  std::unique_ptr<ProcessorRunner> runner_;
};

class ProcessRunnerHarness : public conformance::ProcessorRunnerHarness {
 public:
  explicit ProcessRunnerHarness(process_runner::ProcessRunnerOptions options)
      : runner_(process_runner::MakeProcessRunner(std::move(options)).value()) {}
  ProcessorRunner& runner() override { return *runner_; }
  std::filesystem::path directory() override { return directory_.path(); }
  std::vector<std::string> Program(conformance::Behaviour behaviour, std::vector<std::string> arguments) override {
    return conformance::BashProgram(behaviour, arguments);
  }

 private:
  TempDir directory_;
  std::unique_ptr<ProcessorRunner> runner_;
};

}  // namespace seshat::testing
