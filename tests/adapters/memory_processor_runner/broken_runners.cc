#include "broken_runners.h"

#include "support/processor_runner_harnesses.h"

namespace seshat::testing {
namespace {

using conformance::ProcessorRunnerHarness;
using Broken = conformance::BrokenAdapter<ProcessorRunnerHarness>;

// Says that it isolates and limits, and hands every run on as it is told to.
class LyingRunner : public ProcessorRunner {
 public:
  explicit LyingRunner(ProcessorRunner& inner) : inner_(inner) {}
  const Capabilities& capabilities() const override { return capabilities_; }
  Result<RunReport> Run(const ProcessorRun& run, std::stop_token stop) override {
    ProcessorRun generous = run;
    generous.memory_bytes *= 64;
    generous.output_bytes *= 64;
    return inner_.Run(generous, std::move(stop));
  }

 private:
  ProcessorRunner& inner_;
  Capabilities capabilities_{.isolated = true, .limits_memory = true, .limits_time = true};
};

template <typename Harness>
class LyingHarness : public Harness {
 public:
  using Harness::Harness;
  ProcessorRunner& runner() override { return lying_; }

 private:
  LyingRunner lying_{Harness::runner()};
};

// Runs whatever it is given.
class TrustingRunner : public ProcessorRunner {
 public:
  const Capabilities& capabilities() const override { return capabilities_; }
  Result<RunReport> Run(const ProcessorRun& run, std::stop_token) override {
    WriteFile(run.output_directory / "ran", "");
    return RunReport{};
  }

 private:
  Capabilities capabilities_;
};

class TrustingHarness : public MemoryRunnerHarness {
 public:
  ProcessorRunner& runner() override { return trusting_; }

 private:
  TrustingRunner trusting_;
};

Broken Mistaken(const char* name, MemoryMistakes mistakes, std::vector<std::string_view> found_by) {
  return {name, [mistakes] { return std::make_unique<MemoryRunnerHarness>(mistakes); }, std::move(found_by)};
}

}  // namespace

std::vector<Broken> BrokenRunners() {
  const process_runner::ProcessRunnerOptions plain{.isolation = process_runner::ProcessIsolation::kNone};
  return {
      Mistaken("ForgetsOutputs", {.forgets_outputs = true}, {"OutputsAppear", "ConcurrentRunsKeepApart"}),
      Mistaken("DoesNotExpand", {.does_not_expand = true}, {"ProgramIsToldItsPaths"}),
      Mistaken("DropsSiblings", {.drops_siblings = true}, {"SiblingsLieBesideTheInput"}),
      Mistaken("RenamesInput", {.renames_input = true}, {"HostileInputNamesArrive"}),
      Mistaken("AlwaysSucceeds", {.always_succeeds = true}, {"ExitStatusIsReported"}),
      Mistaken("SignalIsAStatus", {.signal_is_a_status = true}, {"SignalIsReported"}),
      Mistaken("KeepsTheHeadOfTheLog", {.keeps_the_head_of_the_log = true}, {"LogTailIsTheEndOfIt"}),
      Mistaken("LeavesProcesses", {.leaves_processes = true},
               {"TimeoutKillsEverything", "StopKillsEverything", "ChildrenEndWithTheProgram"}),
      Mistaken("LeaksEnvironment", {.leaks_environment = true}, {"EnvironmentIsClean"}),
      {"Trusting",
       [] { return std::make_unique<TrustingHarness>(); },
       {"BadRunsAreRefused", "StoppedBeforeItBeginsRunsNothing"}},
      {"LeaksDescriptors",
       [] { return std::make_unique<LyingHarness<MemoryRunnerHarness>>(MemoryMistakes{.leaks_descriptors = true}); },
       {"DescriptorsDoNotLeak"}},
      {"SaysThatItIsolates",
       [plain] { return std::make_unique<LyingHarness<ProcessRunnerHarness>>(plain); },
       {"InputStaysAsItIs", "OtherFilesAreNotSeen", "ReadOnlyPathsAreSeenAndKept", "NothingElseCanBeWritten",
        "NoNetwork", "OtherProcessesAreNotSeen", "NewNamespacesAreRefused", "MemoryIsLimited",
        "OutputFilesAreLimited"}},
  };
}

}  // namespace seshat::testing
