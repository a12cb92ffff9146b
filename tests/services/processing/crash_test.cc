// Workers that die at any call, several at a time, with a processor that never writes the same bytes twice.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "services/processing/lab.h"

namespace seshat::testing {
namespace {

struct WorkerDied {};

// Kills the worker (by an exception through everything) before or after one call in so many.
class Fate {
 public:
  explicit Fate(unsigned one_in) : one_in_(one_in) {}
  void MayKill() {
    const std::lock_guard lock(mutex_);
    if (random_() % one_in_ != 0) return;
    ++deaths_;
    throw WorkerDied{};
  }
  int deaths() const { return deaths_; }

 private:
  const unsigned one_in_;
  std::mutex mutex_;
  std::mt19937_64 random_{7};
  std::atomic<int> deaths_ = 0;
};

auto Mortal(Fate& fate, auto&& call) {
  fate.MayKill();
  auto answer = call();
  fate.MayKill();
  return answer;
}

class MortalStore : public BlobStore {
 public:
  MortalStore(BlobStore& inner, Fate& fate) : inner_(inner), fate_(fate) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  void PutAll(PutFeed& feed, std::stop_token stop) override {
    fate_.MayKill();
    inner_.PutAll(feed, std::move(stop));
    fate_.MayKill();
  }
  Status Abandon(const BlobKey& key, std::string_view state) override { return inner_.Abandon(key, state); }
  void GetAll(GetFeed& feed, std::stop_token stop) override {
    fate_.MayKill();
    inner_.GetAll(feed, std::move(stop));
  }
  Result<BlobInfo> Stat(const BlobKey& key) override {
    return Mortal(fate_, [&] { return inner_.Stat(key); });
  }
  Result<ListPage> List(const ListOptions& options) override {
    return Mortal(fate_, [&] { return inner_.List(options); });
  }
  Status Restore(const BlobKey& key, const RestoreOptions& o) override { return inner_.Restore(key, o); }
  std::string Url(const BlobKey& key) const override { return inner_.Url(key); }

 private:
  BlobStore& inner_;
  Fate& fate_;
};

class MortalBus : public EventBus {
 public:
  MortalBus(EventBus& inner, Fate& fate) : inner_(inner), fate_(fate) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Status EnsureSubscription(const SubscriptionSpec& spec) override { return inner_.EnsureSubscription(spec); }
  Status Publish(std::span<const Event> events) override {
    return Mortal(fate_, [&] { return inner_.Publish(events); });
  }
  Result<std::vector<Delivery>> Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    return Mortal(fate_, [&] { return inner_.Receive(s, o, std::move(stop)); });
  }
  Status Acknowledge(std::string_view s, std::span<const std::string> h) override {
    return Mortal(fate_, [&] { return inner_.Acknowledge(s, h); });
  }
  Status Retry(std::string_view s, std::string_view h, std::chrono::milliseconds d, std::string_view r) override {
    return Mortal(fate_, [&] { return inner_.Retry(s, h, d, r); });
  }
  Status Extend(std::string_view s, std::string_view h, std::chrono::milliseconds l) override {
    return inner_.Extend(s, h, l);
  }
  Result<DeadLetterPage> DeadLetters(std::string_view s, std::string_view a, size_t l) override {
    return inner_.DeadLetters(s, a, l);
  }
  Result<uint64_t> Redrive(std::string_view s, std::span<const std::string> i) override { return inner_.Redrive(s, i); }
  Result<SubscriptionStats> Stats(std::string_view s) override { return inner_.Stats(s); }

 private:
  EventBus& inner_;
  Fate& fate_;
};

class MortalRunner : public ProcessorRunner {
 public:
  MortalRunner(ProcessorRunner& inner, Fate& fate) : inner_(inner), fate_(fate) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Result<RunReport> Run(const ProcessorRun& run, std::stop_token stop) override {
    return Mortal(fate_, [&] { return inner_.Run(run, std::move(stop)); });
  }

 private:
  ProcessorRunner& inner_;
  Fate& fate_;
};

// When time may pass while workers are at work.
struct Turns {
  static constexpr int kStepsBetween = 8;
  std::atomic<int> at_work = 0;
  std::atomic<int> steps = 0;
  std::atomic<int> next = kStepsBetween;  // the number of steps from which on leases may be ended once more
};

// Whoever finds nothing to do lets time pass. Mostly that is when nobody else is at work; now and then it ends the leases
// of the others, and two workers are on one file. Never without end: on a busy machine a file would run out of attempts.
void WorkUntilQuiet(Lab& lab, Fate& fate, Turns& turns) {
  MortalStore store(*lab.store, fate);
  MortalBus bus(*lab.bus, fate);
  MortalRunner runner(*lab.runner, fate);
  const auto service = lab.Service(store, bus, runner, *lab.scratch);
  for (int i = 0; i < 5000 && !lab.Quiet();) {
    bool idle = false;
    ++turns.at_work;
    try {
      (void)service->PlanOnce({});
      const auto worked = service->WorkOnce({});
      idle = !worked || *worked == 0;
    } catch (const WorkerDied&) {
      // The next round is another worker.
    }
    const bool alone = --turns.at_work == 0;
    const int steps = idle ? turns.steps.load() : ++turns.steps;
    int next = turns.next;
    if (idle && !alone && !(steps >= next && turns.next.compare_exchange_strong(next, steps + Turns::kStepsBetween))) {
      std::this_thread::yield();
      continue;
    }
    if (idle) lab.clock.Advance(std::chrono::hours(13));
    ++i;
  }
}

TEST(Crashes, LeaveExactlyOneReceiptForEachFile) {
  processing::ProcessorSpec copy = CopySpec();
  copy.max_attempts = 100;
  processing::ProcessorSpec again = copy;
  again.version = "2";
  std::atomic<int> number = 0;
  Lab lab({.processors = {copy, again}, .function = [&](const ProcessorRun& run, const std::stop_token&) {
             WriteFile(run.output_directory / "noise", std::to_string(++number));
             WriteFile(run.output_directory / "same", "same");
             return RunReport{};
           }});
  constexpr int kFiles = 25;
  std::map<std::string, std::string> files;
  for (int i = 0; i < kFiles; ++i) files["f" + std::to_string(i)] = std::to_string(i);
  const Manifest manifest = lab.AddSession("s", files);
  Fate fate(12);
  Turns turns;
  {
    std::vector<std::jthread> workers;
    for (int w = 0; w < 4; ++w) workers.emplace_back([&] { WorkUntilQuiet(lab, fate, turns); });
  }
  EXPECT_GT(fate.deaths(), kFiles) << "too few crashes to mean anything";
  EXPECT_TRUE(lab.Quiet());
  EXPECT_TRUE(lab.Failures("s").empty());
  EXPECT_TRUE(lab.DeadLetters().empty());
  std::set<std::pair<std::string, std::string>> done;
  for (const Receipt& receipt : lab.Receipts("s")) {
    EXPECT_TRUE(done.emplace(receipt.version, receipt.path).second) << receipt.path << " has two receipts";
    EXPECT_EQ(receipt.outputs.size(), 2U);
  }
  EXPECT_EQ(done.size(), 2U * kFiles);
  std::set<std::pair<std::string, std::string>> announced;
  for (const FileProcessed& event : lab.Processed()) {
    EXPECT_EQ(event.outcome, ProcessingOutcome::kSucceeded);
    announced.emplace(event.version, event.path);
  }
  EXPECT_EQ(announced, done);
  EXPECT_GT(lab.runs, 2 * kFiles) << "no attempt was ever repeated";
}

TEST(Crashes, AFileWhoseWorkersAlwaysDieEndsVisibly) {
  Lab lab({.function = [](const ProcessorRun&, const std::stop_token&) -> Result<RunReport> { throw WorkerDied{}; }});
  lab.AddSession("s", {{"a.bin", "a"}});
  const auto service = lab.Service();
  for (int i = 0; i < 100 && !lab.Quiet(); ++i) {
    try {
      (void)service->PlanOnce({});
      (void)service->WorkOnce({});
    } catch (const WorkerDied&) {
    }
    lab.clock.Advance(std::chrono::hours(13));
  }
  EXPECT_TRUE(lab.Quiet());
  const auto failures = lab.Failures("s");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].reason, "no worker finished it in 8 deliveries");
  EXPECT_EQ(lab.DeadLetters().size(), 1U);
  EXPECT_FALSE(lab.Processed().empty());
}

TEST(Crashes, WhatACrashedWorkerLeftOnTheDiskIsRemoved) {
  Lab lab;
  WriteFile(lab.directory / "work" / "run-of-a-dead-one" / "out" / "big", "x");
  const auto alive = lab.scratch->Open();
  ASSERT_TRUE(alive);
  (void)lab.Service();
  EXPECT_FALSE(std::filesystem::exists(lab.directory / "work" / "run-of-a-dead-one"));
  EXPECT_TRUE(std::filesystem::exists((*alive)->output_directory())) << "one that is in use was taken away";
}

}  // namespace
}  // namespace seshat::testing
