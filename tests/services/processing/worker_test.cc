#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "core/base/utf8.h"
#include "ports/blob_transfer.h"
#include "services/processing/lab.h"

namespace seshat::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

RunReport Failing(int status, std::string log = "") { return {.exit_status = status, .log_tail = std::move(log)}; }

TEST(Worker, StoresOutputsAndReceiptAndSaysSo) {
  Lab lab;
  lab.AddSession("s", {{"a.bin", "some bytes"}});
  lab.RunUntilQuiet(*lab.Service());
  const auto receipts = lab.Receipts("s");
  ASSERT_EQ(receipts.size(), 1U);
  const Receipt& receipt = receipts[0];
  EXPECT_EQ(receipt.session_id, "s");
  EXPECT_EQ(receipt.path, "a.bin");
  EXPECT_EQ(receipt.raw_key, "s/raw/a.bin");
  EXPECT_EQ(receipt.input_sha256, Sha256::Of(AsBytes("some bytes")));
  EXPECT_EQ(receipt.processor, "copy");
  EXPECT_EQ(receipt.version, "1");
  EXPECT_EQ(receipt.worker_id, "worker");
  ASSERT_EQ(receipt.outputs.size(), 2U);
  EXPECT_EQ(receipt.outputs[0].name, "a.bin.copy");
  EXPECT_EQ(receipt.outputs[0].key, "s/processed/copy-1/raw/a.bin/a.bin.copy");
  EXPECT_EQ(lab.Get(receipt.outputs[1].key), "10");
  const auto processed = lab.Processed();
  ASSERT_EQ(processed.size(), 1U);
  EXPECT_EQ(processed[0].outcome, ProcessingOutcome::kSucceeded);
  EXPECT_EQ(processed[0].receipt_key, lab.ReceiptKeyOf("s"));
  EXPECT_TRUE(std::filesystem::is_empty(lab.directory / "work")) << "the scratch directory is left behind";
}

TEST(Worker, SiblingsRideAlong) {
  processing::ProcessorSpec spec = CopySpec();
  spec.patterns = {PathGlob("**/*.dat")};
  spec.with_siblings = {PathGlob("*.hea")};
  std::vector<std::string> seen;
  Lab lab({.processors = {spec}, .function = [&](const ProcessorRun& run, const std::stop_token&) {
             for (const auto& sibling : run.siblings) seen.push_back(sibling.name + "=" + ReadFile(sibling.path));
             return RunReport{};
           }});
  lab.AddSession(
      "s", {{"x/r.dat", "data"}, {"x/r.hea", "one"}, {"x/other.hea", "two"}, {"r.hea", "no"}, {"x/y/r.hea", "no"}});
  lab.RunUntilQuiet(*lab.Service());
  EXPECT_THAT(seen, UnorderedElementsAre("r.hea=one", "other.hea=two"));
}

TEST(Worker, AFailingProcessorIsTriedAgainAndThenGivenUp) {
  Lab lab({.function = [](const ProcessorRun&, const std::stop_token&) { return Failing(3, "no \xff luck"); }});
  lab.AddSession("s", {{"a.bin", "a"}});
  lab.RunUntilQuiet(*lab.Service());
  EXPECT_EQ(lab.runs, 3);
  const auto failures = lab.Failures("s");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].reason, "exit status 3");
  EXPECT_EQ(failures[0].log_tail, "no \xef\xbf\xbd luck");
  EXPECT_EQ(failures[0].attempts, 3U);
  const auto processed = lab.Processed();
  ASSERT_FALSE(processed.empty());
  for (const auto& event : processed) {
    EXPECT_EQ(event.outcome, ProcessingOutcome::kFailed);
    EXPECT_EQ(event.receipt_key, "s/processed/copy-1/raw/a.bin/failure-001.json");
  }
  const auto letters = lab.DeadLetters();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].reason, "exit status 3");
  EXPECT_TRUE(lab.Receipts("s").empty());
}

TEST(Worker, ARedriveMayStillSucceed) {
  std::atomic<bool> repaired = false;
  Lab* at = nullptr;
  Lab lab({.function = [&](const ProcessorRun& run, const std::stop_token&) -> Result<RunReport> {
    return repaired ? at->Copy(run) : Failing(1);
  }});
  at = &lab;
  lab.AddSession("s", {{"a.bin", "a"}});
  const auto service = lab.Service();
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.bus->Redrive(processing::kProcessingFilesSubscription, {}).value(), 1U);
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.Failures("s").size(), 2U) << "each series of attempts leaves its record";
  repaired = true;
  EXPECT_EQ(lab.bus->Redrive(processing::kProcessingFilesSubscription, {}).value(), 1U);
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.Receipts("s").size(), 1U);
  EXPECT_TRUE(lab.DeadLetters().empty());
  EXPECT_EQ(lab.Processed().back().outcome, ProcessingOutcome::kSucceeded);
}

TEST(Worker, DamagedInputIsNeverShownToAProcessor) {
  Lab lab;
  Manifest manifest = lab.AddSession("other", {{"x", "x"}});
  manifest.session_id = "s";
  manifest.files[0] = {.path = "a.bin", .key = "s/raw/a.bin", .size = 1, .sha256 = Sha256::Of(AsBytes("a"))};
  ASSERT_TRUE(PutBytes(*lab.store, BlobKey::Parse("s/raw/a.bin").value(), "b"));
  ASSERT_TRUE(
      PutBytes(*lab.store, BlobKey::Parse("s/manifests/000001.json").value(), records::EncodeManifest(manifest)));
  lab.RunUntilQuiet(*lab.Service());
  lab.runs = 0;
  lab.Announce(manifest, "damaged");
  lab.RunUntilQuiet(*lab.Service());
  EXPECT_EQ(lab.runs, 0);
  const auto failures = lab.Failures("s");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].reason, HasSubstr("does not hold the bytes that its manifest names"));
}

TEST(Worker, ColdFilesWaitAndThenSayWhy) {
  Lab lab;
  lab.AddSession("s", {{"a.bin", "a"}});
  const BlobKey key = BlobKey::Parse("s/raw/a.bin").value();
  ASSERT_TRUE(lab.blobs->Archive(key));
  const auto service = lab.Service();
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.runs, 0);
  const auto failures = lab.Failures("s");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].reason, HasSubstr("is in cold storage: restore it, then redrive"));
  EXPECT_GT(failures[0].attempts, CopySpec().max_attempts) << "a cold file is given more time than a failing processor";
  ASSERT_TRUE(lab.store->Restore(key, {}));
  lab.blobs->FinishRestores();
  EXPECT_EQ(lab.bus->Redrive(processing::kProcessingFilesSubscription, {}).value(), 1U);
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.Receipts("s").size(), 1U);
}

TEST(Worker, RequestsForAnUnknownProcessorEndVisibly) {
  Lab lab;
  const FileProcessingRequested request{.session_id = "s",
                                        .manifest_key = "s/manifests/000001.json",
                                        .path = "a.bin",
                                        .raw_key = "s/raw/a.bin",
                                        .processor = "gone",
                                        .version = "7"};
  const Event event{
      .id = "x", .type = std::string(FileProcessingRequested::kType), .source = "x", .data = request.ToData()};
  ASSERT_TRUE(lab.bus->Publish({&event, 1}));
  lab.RunUntilQuiet(*lab.Service());
  const auto failures = lab.Failures("s");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].reason, "no worker has a processor gone-7");
  EXPECT_EQ(lab.DeadLetters().size(), 1U);
}

TEST(Worker, BrokenRequestsBecomeDeadLettersAndTouchNothing) {
  Lab lab;
  const FileProcessingRequested hostile{
      .session_id = "../x", .raw_key = "s/raw/a", .processor = "../../y", .version = "1"};
  for (const std::string& data : {std::string("{}"), std::string("[]"), hostile.ToData()}) {
    const Event event{.id = data, .type = std::string(FileProcessingRequested::kType), .source = "x", .data = data};
    ASSERT_TRUE(lab.bus->Publish({&event, 1}));
  }
  lab.RunUntilQuiet(*lab.Service());
  EXPECT_EQ(lab.DeadLetters().size(), 3U);
  EXPECT_TRUE(lab.Keys("").empty());
}

TEST(Worker, AStopInterruptsTheRunWithoutBlamingTheFile) {
  std::stop_source stop;
  Lab* at = nullptr;
  Lab lab({.function = [&](const ProcessorRun& run, const std::stop_token&) -> Result<RunReport> {
    if (stop.stop_requested()) return at->Copy(run);
    stop.request_stop();
    return RunReport{};
  }});
  at = &lab;
  lab.AddSession("s", {{"a.bin", "a"}});
  const auto service = lab.Service();
  ASSERT_TRUE(service->PlanOnce({}));
  ASSERT_TRUE(service->WorkOnce(stop.get_token()));
  EXPECT_TRUE(lab.Keys("s/processed/").empty());
  EXPECT_EQ(lab.bus->Stats(processing::kProcessingFilesSubscription).value().ready, 1U) << "it can be taken at once";
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(lab.Receipts("s").size(), 1U);
}

// Counts extensions, and answers them as told.
class LeaseBus : public EventBus {
 public:
  explicit LeaseBus(EventBus& inner) : inner_(inner) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Status EnsureSubscription(const SubscriptionSpec& spec) override { return inner_.EnsureSubscription(spec); }
  Status Publish(std::span<const Event> events) override { return inner_.Publish(events); }
  Result<std::vector<Delivery>> Receive(std::string_view s, const ReceiveOptions& o, std::stop_token stop) override {
    return inner_.Receive(s, o, std::move(stop));
  }
  Status Acknowledge(std::string_view s, std::span<const std::string> h) override { return inner_.Acknowledge(s, h); }
  Status Retry(std::string_view s, std::string_view h, std::chrono::milliseconds d, std::string_view r) override {
    return inner_.Retry(s, h, d, r);
  }
  Status Extend(std::string_view s, std::string_view h, std::chrono::milliseconds lease) override {
    const Status answer = lost ? Fail(ErrorCode::kNotFound, "lost") : inner_.Extend(s, h, lease);
    ++extended;
    extended.notify_all();
    return answer;
  }
  Result<DeadLetterPage> DeadLetters(std::string_view s, std::string_view a, size_t l) override {
    return inner_.DeadLetters(s, a, l);
  }
  Result<uint64_t> Redrive(std::string_view s, std::span<const std::string> i) override { return inner_.Redrive(s, i); }
  Result<SubscriptionStats> Stats(std::string_view s) override { return inner_.Stats(s); }

  std::atomic<int> extended = 0;
  std::atomic<bool> lost = false;

 private:
  EventBus& inner_;
};

TEST(Worker, ALongRunKeepsItsLease) {
  LeaseBus* bus = nullptr;
  Lab lab({.function =
               [&](const ProcessorRun&, const std::stop_token&) {
                 for (int seen = 0; seen < 3; seen = bus->extended) bus->extended.wait(seen);
                 return RunReport{};
               },
           .lease = std::chrono::milliseconds(30)});
  LeaseBus counting(*lab.bus);
  bus = &counting;
  lab.AddSession("s", {{"a.bin", "a"}});
  const auto service = lab.Service(*lab.store, counting, *lab.runner, *lab.scratch);
  lab.RunUntilQuiet(*service);
  EXPECT_GE(counting.extended, 3);
  EXPECT_EQ(lab.Receipts("s").size(), 1U);
}

TEST(Worker, ALostLeaseEndsTheRun) {
  LeaseBus* bus = nullptr;
  std::atomic<int> stopped = 0;
  Lab* at = nullptr;
  Lab lab({.function = [&](const ProcessorRun& run, const std::stop_token& stop) -> Result<RunReport> {
             if (stopped > 0) return at->Copy(run);
             bus->lost = true;
             std::mutex mutex;
             std::condition_variable_any never;
             std::unique_lock lock(mutex);
             never.wait_for(lock, stop, std::chrono::seconds(30), [] { return false; });
             stopped += stop.stop_requested() ? 1 : 0;
             bus->lost = false;
             return RunReport{};
           },
           .lease = std::chrono::milliseconds(30)});
  at = &lab;
  LeaseBus losing(*lab.bus);
  bus = &losing;
  lab.AddSession("s", {{"a.bin", "a"}});
  const auto service = lab.Service(*lab.store, losing, *lab.runner, *lab.scratch);
  lab.RunUntilQuiet(*service);
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(lab.Receipts("s").size(), 1U);
}

}  // namespace
}  // namespace seshat::testing
