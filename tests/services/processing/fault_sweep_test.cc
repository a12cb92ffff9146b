// Every call of every port failed at n = 1, 2, … until none is left: before it took effect and after, once and for
// a while.
#include <gtest/gtest.h>

#include "services/processing/lab.h"
#include "support/faulty_ports.h"

namespace seshat::testing {
namespace {

class FaultyRunner : public ProcessorRunner {
 public:
  FaultyRunner(ProcessorRunner& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Result<RunReport> Run(const ProcessorRun& run, std::stop_token stop) override {
    const bool fails = plan_.NextFails();
    if (fails && plan_.when() == FaultWhen::kBefore) return std::unexpected(plan_.MakeError("run"));
    auto report = inner_.Run(run, std::move(stop));
    if (fails) return std::unexpected(plan_.MakeError("run"));
    return report;
  }

 private:
  ProcessorRunner& inner_;
  FaultPlan& plan_;
};

class FaultyArea : public ScratchArea {
 public:
  FaultyArea(std::unique_ptr<ScratchArea> inner, FaultPlan& plan) : inner_(std::move(inner)), plan_(plan) {}
  Result<NewFile> CreateFile(std::string_view label) override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("create"));
    return inner_->CreateFile(label);
  }
  Result<std::shared_ptr<BlobSource>> OpenFile(std::string_view label) override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("open"));
    return inner_->OpenFile(label);
  }
  std::filesystem::path output_directory() const override { return inner_->output_directory(); }
  Result<CollectedOutputs> CollectOutputs(const CollectLimits& limits) override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("collect"));
    return inner_->CollectOutputs(limits);
  }
  Result<std::shared_ptr<BlobSource>> OpenOutput(std::string_view name) override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("open output"));
    return inner_->OpenOutput(name);
  }

 private:
  std::unique_ptr<ScratchArea> inner_;
  FaultPlan& plan_;
};

class FaultyScratch : public Scratch {
 public:
  FaultyScratch(Scratch& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  Status Clean() override { return inner_.Clean(); }
  Result<std::unique_ptr<ScratchArea>> Open() override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("scratch"));
    SESHAT_ASSIGN(auto area, inner_.Open());
    return std::make_unique<FaultyArea>(std::move(area), plan_);
  }

 private:
  Scratch& inner_;
  FaultPlan& plan_;
};

void ExpectPromises(Lab& lab) {
  EXPECT_TRUE(lab.Quiet());
  EXPECT_EQ(lab.Receipts("s").size(), 1U);
  EXPECT_TRUE(lab.DeadLetters().empty());
  EXPECT_TRUE(lab.DeadLetters(processing::kProcessingSubscription).empty());
  const auto processed = lab.Processed();
  EXPECT_FALSE(processed.empty());
  for (const FileProcessed& event : processed) EXPECT_EQ(event.outcome, ProcessingOutcome::kSucceeded);
  EXPECT_TRUE(std::filesystem::is_empty(lab.directory / "work"));
}

// Answers whether a fault was injected at all.
bool RunWithFault(const FaultOptions& options) {
  Lab lab;
  FaultPlan plan(options);
  FaultyBlobStore store(*lab.store, plan);
  FaultyEventBus bus(*lab.bus, plan);
  FaultyRunner runner(*lab.runner, plan);
  FaultyScratch scratch(*lab.scratch, plan);
  lab.AddSession("s", {{"a.bin", "a"}});
  const auto service = lab.Service(store, bus, runner, scratch);
  if (options.for_ever) {
    lab.RunUntilQuiet(*service, 3);  // an outage, shorter than any request's patience
    plan.Repair();
  }
  lab.RunUntilQuiet(*service);
  ExpectPromises(lab);
  return plan.fired();
}

class Sweep : public ::testing::TestWithParam<std::tuple<FaultWhen, bool, ErrorCode>> {};

TEST_P(Sweep, EveryCallMayFail) {
  const auto [when, for_ever, code] = GetParam();
  uint64_t n = 1;
  while (RunWithFault({.fail_at = n, .for_ever = for_ever, .when = when, .code = code})) {
    if (HasFailure()) FAIL() << "at call " << n;
    ++n;
  }
  EXPECT_GT(n, 20U) << "the sweep reached next to nothing";
}

INSTANTIATE_TEST_SUITE_P(Faults, Sweep,
                         ::testing::Values(std::tuple{FaultWhen::kBefore, false, ErrorCode::kUnavailable},
                                           std::tuple{FaultWhen::kBefore, true, ErrorCode::kUnavailable},
                                           std::tuple{FaultWhen::kAfter, false, ErrorCode::kUnavailable},
                                           std::tuple{FaultWhen::kAfter, true, ErrorCode::kUnavailable},
                                           std::tuple{FaultWhen::kBefore, false, ErrorCode::kResourceExhausted}));

}  // namespace
}  // namespace seshat::testing
