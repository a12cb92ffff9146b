// One session through all services, from the scan to the index: one trace, with the right parents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "adapters/memory_processor_runner/memory_processor_runner.h"
#include "adapters/memory_source/memory_source.h"
#include "adapters/memory_tracer/memory_tracer.h"
#include "adapters/scratch_directory/scratch_directory.h"
#include "ports/reference/reference_metadata_store.h"
#include "services/indexing/indexing_service.h"
#include "services/migration/migration_service.h"
#include "services/processing/processing_service.h"
#include "support/fakes.h"
#include "support/span_tree.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class OneTrace : public ::testing::Test {
 protected:
  OneTrace() {
    processing::ProcessorSpec spec;
    spec.name = "length";
    spec.version = "1";
    spec.patterns = {PathGlob("*.bin")};
    spec.command = {"/bin/length", "{input}", "{output}"};
    processors_.push_back(spec);
    for (const auto& wanted : processing::ProcessingSubscriptions(processors_))
      EXPECT_TRUE(bus_->EnsureSubscription(wanted));
    EXPECT_TRUE(bus_->EnsureSubscription(indexing::IndexingSubscription()));
  }

  void Migrate(auto tree) {
    migration::SourceSpec spec;
    spec.name = "rig";
    spec.path = "/rig";
    spec.complete.quiet = std::chrono::seconds(5);
    std::vector<migration::Source> sources;
    sources.push_back({spec, std::move(tree)});
    const auto agent = migration::MigrationService::Make(
        std::move(sources), {*writer_, *bus_, *journal_, clock_, random_, logger_, metrics_, tracer_}, {});
    ASSERT_TRUE(agent);
    ASSERT_TRUE((*agent)->ScanOnce("rig", {}));
    clock_.Advance(std::chrono::seconds(10));
    ASSERT_TRUE((*agent)->ScanOnce("rig", {}));
    EXPECT_EQ((*agent)->UploadOnce({}).sessions, 1U);
  }

  void ProcessAndIndex() {
    const auto processing = processing::MakeProcessingService(
        {*reader_, *bus_, *runner_, *scratch_, clock_, random_, logger_, metrics_, tracer_},
        {.processors = processors_, .receive_wait = std::chrono::milliseconds(0)});
    ASSERT_TRUE(processing);
    const auto indexing =
        indexing::MakeIndexingService({*reader_, *bus_, *index_, clock_, random_, logger_, metrics_, tracer_},
                                      {.receive_wait = std::chrono::milliseconds(0)});
    EXPECT_EQ(indexing->IndexOnce({}), 1U);  // what was migrated
    EXPECT_EQ((*processing)->PlanOnce({}), 1U);
    EXPECT_EQ((*processing)->WorkOnce({}), 1U);
    EXPECT_EQ(indexing->IndexOnce({}), 1U);  // what was processed
  }

  static Result<RunReport> Length(const ProcessorRun& run, const std::stop_token&) {
    std::ofstream(run.output_directory / "length.txt") << std::filesystem::file_size(run.input);
    return RunReport{};
  }

  TempDir directory_;
  FakeClock clock_;
  SeededRandom random_;
  MemoryLogger logger_;
  MemoryMetrics metrics_;
  memory_tracer::MemoryTracer tracer_{clock_, random_};
  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs_ = std::make_shared<memory_blob_store::MemoryBlobs>();
  std::unique_ptr<BlobStore> writer_ = memory_blob_store::MakeMemoryBlobStore(blobs_, BlobAccess::kWriteOnly);
  std::unique_ptr<BlobStore> reader_ = memory_blob_store::MakeMemoryBlobStore(blobs_, BlobAccess::kReadWrite);
  std::unique_ptr<EventBus> bus_ = memory_event_bus::MakeMemoryEventBus(clock_);
  std::unique_ptr<MigrationJournal> journal_ = memory_journal::MakeMemoryJournal();
  std::unique_ptr<MetadataStore> index_ = reference::MakeReferenceMetadataStore();
  std::unique_ptr<ProcessorRunner> runner_ = memory_processor_runner::MakeMemoryProcessorRunner(Length);
  std::unique_ptr<Scratch> scratch_ = scratch_directory::MakeScratchDirectory(directory_ / "scratch", random_).value();
  std::vector<processing::ProcessorSpec> processors_;
};

TEST_F(OneTrace, GoesFromTheScanOverUploadAndProcessingToTheIndex) {
  auto rig = std::make_unique<memory_source::MemorySource>(clock_);
  rig->Write("run-1/sensor.bin", "12345");
  rig->Write("run-1/metadata.txt", "operator: Ada Lovelace");
  Migrate(std::move(rig));
  ProcessAndIndex();

  const auto spans = tracer_.spans();
  EXPECT_EQ(CountTraces(spans), 1U);
  EXPECT_THAT(ParentsOf(spans),
              UnorderedElementsAre(Pair("discover session", ""), Pair("upload session", "discover session"),
                                   Pair("commit session", "upload session"),
                                   Pair("send SessionMigratedEvent", "commit session"),
                                   Pair("plan processing", "commit session"), Pair("process file", "plan processing"),
                                   Pair("fetch input", "process file"), Pair("run processor", "process file"),
                                   Pair("store outputs", "process file"), Pair("index session", "commit session"),
                                   Pair("index session", "process file")));
  for (const auto& span : spans) {
    EXPECT_EQ(span.status, SpanStatus::kUnset) << span.name << ": " << span.message;
    EXPECT_LE(span.start, span.end) << span.name;
    // Nothing of what the session holds, or says of itself.
    for (const auto& attribute : span.attributes)
      EXPECT_THAT(AttributeText(span, attribute.name), Not(HasSubstr("Ada"))) << attribute.name;
  }
}

}  // namespace
}  // namespace seshat::testing
