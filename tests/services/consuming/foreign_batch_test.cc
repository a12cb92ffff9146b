// The handlers of processing and indexing where somebody else receives: what they leave behind is what the loops leave.
#include "services/consuming/foreign_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include "services/consuming/fake_sqs.h"
#include "services/indexing/indexing_lab.h"
#include "services/processing/lab.h"

namespace seshat::consuming {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FakeSqs;
using testing::IndexingLab;
using testing::Lab;

// The function: everything that src/lambda would do but the decoding of SQS's JSON.
FakeSqs::Function FunctionOf(BatchHandler& handler, Clock& clock, Logger& logger) {
  return [&](std::span<const Delivery> batch) {
    std::vector<std::string> items;
    for (const FailedItem& item : HandleForeignBatch(handler, batch, clock.SteadyNow() + 15min, clock, logger, {}))
      items.push_back(item.handle);
    return items;
  };
}

void FillProcessing(Lab& lab) {
  lab.AddSession("s", {{"a.bin", "a"}, {"b.bin", "b"}, {"bad.bin", "bad"}, {"metadata.txt", "k: v"}});
  lab.AddSession("t", {{"c.bin", "c"}});
  const Event broken{.id = "broken", .type = std::string(SessionMigrated::kType), .source = "x", .data = "{}"};
  EXPECT_TRUE(lab.bus->Publish({&broken, 1}));
}

testing::LabOptions ProcessingOptionsOf(Lab*& at) {
  return {.function = [&at](const ProcessorRun& run, const std::stop_token&) -> Result<RunReport> {
    if (run.input_name == "bad.bin") return RunReport{.exit_status = 3};
    return at->Copy(run);
  }};
}

std::set<std::string> Outcome(Lab& lab) {
  std::set<std::string> outcome;
  for (const std::string id : {"s", "t"}) {
    for (const Receipt& receipt : lab.Receipts(id)) outcome.insert(id + "/" + receipt.path + " done");
    for (const ProcessingFailure& failure : lab.Failures(id))
      outcome.insert(id + "/" + failure.path + " " + failure.reason + " " + std::to_string(failure.attempts));
  }
  for (const FileProcessed& event : lab.Processed())
    outcome.insert(event.session_id + "/" + event.path + " says " +
                   std::string(records::ProcessingOutcomeName(event.outcome)));
  return outcome;
}

TEST(ForeignBatch, PlannerAndWorkerDoInLambdaWhatTheirLoopsDo) {
  Lab* at_loops = nullptr;
  Lab loops(ProcessingOptionsOf(at_loops));
  at_loops = &loops;
  FillProcessing(loops);
  loops.RunUntilQuiet(*loops.Service());

  Lab* at = nullptr;
  Lab lab(ProcessingOptionsOf(at));
  at = &lab;
  FillProcessing(lab);
  const auto service = lab.Service();
  const auto specs = processing::ProcessingSubscriptions(std::vector{testing::CopySpec()});
  FakeSqs plans(*lab.bus, specs[0].name, specs[0].max_attempts);
  FakeSqs works(*lab.bus, specs[1].name, specs[1].max_attempts);
  const auto plan = FunctionOf(service->planner(), lab.clock, lab.logger);
  const auto work = FunctionOf(service->worker(), lab.clock, lab.logger);
  for (bool busy = true; busy;) busy = static_cast<int>(plans.InvokeOnce(plan)) + works.InvokeOnce(work) > 0;

  EXPECT_TRUE(plans.saw_partial_failure());
  EXPECT_TRUE(works.saw_partial_failure());
  const auto outcome = Outcome(lab);
  EXPECT_EQ(outcome, Outcome(loops));
  EXPECT_EQ(outcome.size(), 8U) << ::testing::PrintToString(outcome);
  ASSERT_EQ(plans.dead().size(), 1U);
  EXPECT_EQ(plans.dead()[0].event.id, "broken");
  ASSERT_EQ(works.dead().size(), loops.DeadLetters().size());
  EXPECT_EQ(works.dead()[0].event.id, loops.DeadLetters()[0].event.id);
}

std::vector<Event> FillIndexing(IndexingLab& lab) {
  std::vector<Event> events;
  for (const char* id : {"a", "b", "c"}) events.push_back(lab.PutSession({.id = id, .metadata = "x: 1\n"}));
  events.push_back(lab.PutReceipt("a", "a.bin", "p"));
  events.push_back(lab.PutFailure("b", "a.bin", "p", 1));
  events.push_back(events[0]);
  Event torn = events[1];
  torn.data = "{}";
  events.push_back(torn);
  return events;
}

TEST(ForeignBatch, TheIndexerDoesInLambdaWhatItsLoopDoes) {
  IndexingLab loops;
  loops.Publish(FillIndexing(loops));
  loops.Drain(*loops.MakeService());

  IndexingLab lab;
  lab.Publish(FillIndexing(lab));
  const auto service = lab.MakeService();
  FakeSqs queue(*lab.bus, std::string(indexing::kIndexingSubscription), indexing::IndexingSubscription().max_attempts);
  const auto index = FunctionOf(service->handler(), lab.clock, lab.logger);
  while (queue.InvokeOnce(index)) {
  }
  EXPECT_TRUE(queue.saw_partial_failure());
  EXPECT_EQ(lab.Documents(), loops.Documents());
  EXPECT_EQ(lab.Documents().size(), 3U);
  EXPECT_EQ(queue.dead().size(), 1U);
  EXPECT_EQ(lab.metrics.Sum("seshat_indexed_sessions_total"), 3) << "a batch looks at each session once";
}

TEST(ForeignBatch, WhatTheDeadlineLeavesUndoneIsListed) {
  class Slow : public Handler {
   public:
    Verdict Handle(const Delivery&, const Turn& turn) override {
      if (++handled == 1) return Verdict::Done();
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      never.wait_for(lock, turn.stop, 30s, [] { return false; });
      return {.reason = "out of time"};
    }
    int handled = 0;
  } slow;
  OneByOne handler(slow);
  testing::FakeClock clock;
  testing::MemoryLogger logger;
  const std::vector<Delivery> batch{{.handle = "1"}, {.handle = "2"}, {.handle = "3"}};
  const auto failed = HandleForeignBatch(handler, batch, clock.SteadyNow() + 20ms, clock, logger, {});
  EXPECT_EQ(slow.handled, 2);
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].handle, "2");
  EXPECT_EQ(failed[0].reason, "out of time");
  EXPECT_EQ(failed[1].handle, "3");
}

}  // namespace
}  // namespace seshat::consuming
