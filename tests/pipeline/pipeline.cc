#include "pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "ports/blob_transfer.h"
#include "ports/reference/reference_metadata_store.h"
#include "services/indexing/replay.h"

namespace seshat::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kSource = "rig";
constexpr milliseconds kLease{60'000};
// Of the whole lab. More would use up the deliveries of a request, and it would end as a dead letter rightly.
constexpr size_t kMaxFaults = 3;
// Small, so that files of a few thousand bytes go in parts.
constexpr memory_blob_store::MemoryBlobOptions kBlobs{
    .capabilities = {.storage_classes = true, .archive = true, .attributes = true, .nested_keys = true},
    .part_bytes = 1024};

migration::SourceSpec RigSpec() {
  migration::SourceSpec spec;
  spec.name = kSource;
  spec.path = "/lab/rig";
  spec.complete.quiet = seconds(5);
  return spec;
}

bool StillWaiting(EventBus& bus, std::string_view subscription) {
  const auto stats = bus.Stats(subscription).value();
  return stats.ready + stats.in_flight > 0;
}

}  // namespace

Pipeline::Pipeline(uint64_t seed, const PipelineOptions& options, Scratch& scratch)
    : options_(options),
      dice_(seed),
      random_(seed),
      scratch_(scratch),
      processors_(MakeProcessors(dice_)),
      source_(std::make_unique<LabSource>(clock_, dice_, options.source)),
      blobs_(std::make_shared<memory_blob_store::MemoryBlobs>(kBlobs)),
      writer_(memory_blob_store::MakeMemoryBlobStore(blobs_, BlobAccess::kWriteOnly)),
      reader_(memory_blob_store::MakeMemoryBlobStore(blobs_)),
      bus_(memory_event_bus::MakeMemoryEventBus(clock_)),
      restless_(std::make_unique<RestlessBus>(*bus_, dice_)),
      journal_(memory_journal::MakeMemoryJournal()),
      index_(reference::MakeReferenceMetadataStore()),
      runner_(memory_processor_runner::MakeMemoryProcessorRunner(
          MakeFunction(processors_, dice_, [this] { SecondWorker(); }))),
      manifest_entries_(dice_.OneIn(2) && options.paged_manifests ? 2 : 1000),
      faults_left_(options.crashes ? kMaxFaults : 0) {
  std::vector<processing::ProcessorSpec> specs;
  for (const auto& processor : processors_) specs.push_back(processor.spec);
  for (const auto& spec : processing::ProcessingSubscriptions(specs)) EXPECT_TRUE(bus_->EnsureSubscription(spec));
  EXPECT_TRUE(bus_->EnsureSubscription(indexing::IndexingSubscription()));
  EXPECT_TRUE(bus_->EnsureSubscription({.name = std::string(kWatcher), .types = {}}));
  StartAll();
}

Pipeline::~Pipeline() = default;

World Pipeline::MakeWorld() { return {*writer_, *reader_, *restless_, *index_, *journal_}; }

FaultOptions Pipeline::NextFault() {
  if (resting_ || faults_left_ == 0 || dice_.OneIn(3)) return {};
  --faults_left_;
  return {.fail_at = 1 + dice_.Below(60),
          .for_ever = !dice_.OneIn(3),
          .when = dice_.OneIn(2) ? FaultWhen::kBefore : FaultWhen::kAfter};
}

void Pipeline::StartAgent() {
  agent_ = std::make_unique<Agent>(MakeWorld(), NextFault(), [this](Agent::Ports& ports) {
    std::vector<migration::Source> sources;
    sources.push_back({RigSpec(), std::make_unique<FaultySource>(source_->tree(), ports.plan)});
    migration::Options options;
    options.host = "rig-1";
    options.small_file_bytes = 1000;
    options.buffered_bytes = 4000;
    options.retry_most = seconds(20);
    options.manifest = {.bytes = 100'000, .entries = manifest_entries_};
    return migration::MigrationService::Make(std::move(sources),
                                             {.store = ports.writer,
                                              .bus = ports.bus,
                                              .journal = ports.journal,
                                              .clock = clock_,
                                              .random = random_,
                                              .logger = logger_,
                                              .metrics = metrics_,
                                              .tracer = tracer_},
                                             options)
        .value();
  });
}

std::unique_ptr<Pipeline::Processing> Pipeline::MakeProcessing() {
  return std::make_unique<Processing>(MakeWorld(), NextFault(), [this](Processing::Ports& ports) {
    processing::ProcessingOptions options{.worker_id = "worker", .lease = kLease, .receive_wait = milliseconds(0)};
    for (const auto& processor : processors_) options.processors.push_back(processor.spec);
    return processing::MakeProcessingService({.store = ports.reader,
                                              .bus = ports.bus,
                                              .runner = *runner_,
                                              .scratch = scratch_,
                                              .clock = clock_,
                                              .random = random_,
                                              .logger = logger_,
                                              .metrics = metrics_,
                                              .tracer = tracer_},
                                             options)
        .value();
  });
}

void Pipeline::StartIndexer() {
  indexer_ = std::make_unique<Indexing>(MakeWorld(), NextFault(), [this](Indexing::Ports& ports) {
    return indexing::MakeIndexingService(
        {.store = ports.reader,
         .bus = ports.bus,
         .index = ports.index,
         .clock = clock_,
         .random = random_,
         .logger = logger_,
         .metrics = metrics_,
         .tracer = tracer_},
        {.receive_wait = milliseconds(0), .lease = kLease, .outage_patience = seconds(1), .reindex_threads = 1});
  });
}

void Pipeline::StartAll() {
  StartAgent();
  planner_ = MakeProcessing();
  for (auto& worker : workers_) worker = MakeProcessing();
  StartIndexer();
}

void Pipeline::BuryTheDead() {
  if (agent_->dead()) {
    Tell("the agent died");
    StartAgent();
  }
  if (planner_->dead()) {
    Tell("the planner died");
    planner_ = MakeProcessing();
  }
  for (auto& worker : workers_) {
    if (!worker->dead()) continue;
    Tell("a worker died");
    worker = MakeProcessing();
  }
  if (indexer_->dead()) {
    Tell("the indexer died");
    StartIndexer();
  }
}

// Errors of the services' rounds are what crashes and faults look like from outside: what counts is what comes of it.
void Pipeline::Step() {
  switch (dice_.Below(16)) {
    case 0:
    case 1:
      Tell("the lab works");
      source_->Change(dice_);
      break;
    case 2:
    case 3:
    case 4:
      AgentRound();
      break;
    case 5:
    case 6:
      Tell("plan");
      (void)planner_->service().PlanOnce({});
      break;
    case 7:
    case 8:
    case 9:
    case 10: {
      const size_t worker = dice_.Below(workers_.size());
      Tell("work");
      (void)workers_[worker]->service().WorkOnce({});
      break;
    }
    case 11:
    case 12:
      Tell("index");
      (void)indexer_->service().IndexOnce({});
      break;
    case 13:
      clock_.Advance(seconds(1 + dice_.Below(100)));
      break;
    case 14:
      if (dice_.OneIn(4)) {
        Tell("reindex");
        (void)indexer_->service().Reindex([](const auto&) {}, {});
      } else if (dice_.OneIn(4)) {
        Replay();
      } else if (dice_.OneIn(2)) {
        Upgrade();
      }
      break;
    default:
      if (!dice_.OneIn(4)) break;
      Tell("everything restarts");
      StartAll();
  }
  BuryTheDead();
}

bool Pipeline::AgentRound() {
  (void)agent_->service().ScanOnce(kSource, {});
  clock_.Advance(seconds(6));
  (void)agent_->service().ScanOnce(kSource, {});
  const auto summary = agent_->service().UploadOnce({});
  Tell("agent: " + std::to_string(summary.sessions) + " revisions, " + std::to_string(summary.files) + " files");
  LookAtStore();
  return summary.sessions > 0 || !summary.idle;
}

// While a worker is at a file its lease ends, and another one gets the same file.
void Pipeline::SecondWorker() {
  if (in_second_worker_ || resting_ || !dice_.OneIn(12)) return;
  in_second_worker_ = true;
  Tell("a lease ends at work");
  clock_.Advance(kLease + seconds(1));
  (void)workers_[dice_.Below(workers_.size())]->service().WorkOnce({});
  in_second_worker_ = false;
}

// What an administrator does: a new version in the configuration, and a replay so that what is stored is told again.
void Pipeline::Upgrade() {
  if (upgraded_) return;
  upgraded_ = true;
  Tell("a new version of a processor");
  processors_.push_back(NextVersion(dice_.Pick(processors_)));
  planner_ = MakeProcessing();
  for (auto& worker : workers_) worker = MakeProcessing();
  Replay();
}

void Pipeline::Replay() {
  Tell("replay");
  const auto done = indexing::Replay(*reader_, *restless_, clock_, random_,
                                     {.migrated = true, .processed = dice_.OneIn(2)}, [](const auto&) {}, {});
  EXPECT_TRUE(done) << done.error().ToString();
}

void Pipeline::Rest() {
  Tell("rest");
  resting_ = true;
  EXPECT_TRUE(restless_->Settle());
  StartAll();
  constexpr int kMaxRounds = 400;
  int quiet = 0;
  for (int round = 0; round < kMaxRounds; ++round) {
    const bool uploaded = AgentRound();
    while (planner_->service().PlanOnce({}).value() > 0) continue;
    while (workers_[0]->service().WorkOnce({}).value() > 0) continue;
    while (indexer_->service().IndexOnce({}).value() > 0) continue;
    quiet = uploaded || Waiting() ? 0 : quiet + 1;
    if (quiet == 3) return;
    clock_.Advance(Waiting() ? std::chrono::nanoseconds(hours(1)) : seconds(30));
  }
  ADD_FAILURE() << "the pipeline never came to rest";
}

bool Pipeline::Waiting() {
  return StillWaiting(*bus_, processing::kProcessingSubscription) ||
         StillWaiting(*bus_, processing::kProcessingFilesSubscription) ||
         StillWaiting(*bus_, indexing::kIndexingSubscription) || !journal_->Outbox(1).value().empty();
}

void Pipeline::LookAtStore() {
  ListOptions options;
  do {
    const ListPage page = reader_->List(options).value();
    for (const BlobInfo& blob : page.blobs) {
      if (seen_.contains(blob.key)) continue;
      seen_[blob.key] = Sha256::Of(AsBytes(GetBytes(*reader_, BlobKey::Parse(blob.key).value(), 1 << 26).value()));
    }
    options.start_after = page.next_start_after;
  } while (!options.start_after.empty());
}

std::unique_ptr<MetadataStore> Pipeline::RebuiltIndex() {
  auto index = reference::MakeReferenceMetadataStore();
  const auto service = indexing::MakeIndexingService({.store = *reader_,
                                                      .bus = *bus_,
                                                      .index = *index,
                                                      .clock = clock_,
                                                      .random = random_,
                                                      .logger = logger_,
                                                      .metrics = metrics_,
                                                      .tracer = tracer_},
                                                     {.reindex_threads = 1});
  const auto progress = service->Reindex([](const auto&) {}, {});
  EXPECT_TRUE(progress) << progress.error().ToString();
  if (progress) {
    EXPECT_TRUE(progress->failures.empty()) << progress->failures.front();
  }
  return index;
}

void Pipeline::Tell(std::string line) { story_.push_back(std::move(line)); }

}  // namespace seshat::testing
