// A whole lab in one process and one thread: source, agent, planner, two workers, indexer, over the ports in memory.
//
// The world (source, journal, store, bus, index, clock) outlives the services. A service dies at a call that the dice
// choose: from then on every call of its ports fails, and a new service starts over the same world, with nothing in
// memory. All chances come from one seed, so the same seed makes the same lab, step by step.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_processor_runner/memory_processor_runner.h"
#include "adapters/memory_tracer/memory_tracer.h"
#include "pipeline/dice.h"
#include "pipeline/lab_source.h"
#include "pipeline/mortal_process.h"
#include "pipeline/processors.h"
#include "pipeline/restless_bus.h"
#include "ports/metadata_store.h"
#include "ports/migration_journal.h"
#include "ports/scratch.h"
#include "services/indexing/indexing_service.h"
#include "services/migration/migration_service.h"
#include "services/processing/processing_service.h"
#include "support/fakes.h"

namespace seshat::testing {

// A subscription to every event.
inline constexpr std::string_view kWatcher = "watcher";

struct PipelineOptions {
  LabSourceOptions source;
  bool paged_manifests = true;  // in half of the labs
  bool crashes = true;
};

class Pipeline {
 public:
  Pipeline(uint64_t seed, const PipelineOptions& options, Scratch& scratch);
  ~Pipeline();

  // One thing that happens: in the lab, to a service, or to the clock.
  void Step();
  // Nothing happens in the lab any more, nothing fails, and the services work until there is nothing left to do. A
  // test failure where that never comes.
  void Rest();

  const LabSource& source() const { return *source_; }
  const std::vector<LabProcessor>& processors() const { return processors_; }
  BlobStore& store() { return *reader_; }
  EventBus& bus() { return *bus_; }
  MetadataStore& index() { return *index_; }
  // Of all services, from the beginning.
  const memory_tracer::MemoryTracer& tracer() const { return tracer_; }
  // A new index, made from the store alone.
  std::unique_ptr<MetadataStore> RebuiltIndex();
  // Every key that was ever seen, with the digest of its first bytes.
  const std::map<std::string, Sha256>& seen() const { return seen_; }
  // What happened, a line for each step: for people, and to compare two runs of one seed.
  const std::vector<std::string>& story() const { return story_; }

 private:
  using Agent = MortalProcess<migration::MigrationService>;
  using Processing = MortalProcess<processing::ProcessingService>;
  using Indexing = MortalProcess<indexing::IndexingService>;

  World MakeWorld();
  FaultOptions NextFault();
  void StartAgent();
  std::unique_ptr<Processing> MakeProcessing();
  void StartIndexer();
  void StartAll();
  void BuryTheDead();

  // Whether anything was stored.
  bool AgentRound();
  void SecondWorker();
  void Upgrade();
  void Replay();
  void LookAtStore();
  bool Waiting();
  void Tell(std::string line);

  const PipelineOptions options_;
  Dice dice_;
  FakeClock clock_;
  SeededRandom random_;
  MemoryLogger logger_;
  MemoryMetrics metrics_;
  memory_tracer::MemoryTracer tracer_{clock_, random_};
  Scratch& scratch_;
  std::vector<LabProcessor> processors_;
  std::unique_ptr<LabSource> source_;
  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs_;
  std::unique_ptr<BlobStore> writer_;
  std::unique_ptr<BlobStore> reader_;
  std::unique_ptr<EventBus> bus_;
  std::unique_ptr<RestlessBus> restless_;
  std::unique_ptr<MigrationJournal> journal_;
  std::unique_ptr<MetadataStore> index_;
  std::unique_ptr<ProcessorRunner> runner_;
  std::map<std::string, Sha256> seen_;
  std::vector<std::string> story_;
  size_t manifest_entries_ = 1000;
  size_t faults_left_ = 0;
  bool upgraded_ = false;
  bool in_second_worker_ = false;
  bool resting_ = false;

  std::unique_ptr<Agent> agent_;
  std::unique_ptr<Processing> planner_;
  std::array<std::unique_ptr<Processing>, 2> workers_;
  std::unique_ptr<Indexing> indexer_;
};

}  // namespace seshat::testing
