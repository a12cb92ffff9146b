// A blob store with sessions in it, a bus and an index, all in memory, with a clock that moves by itself.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_tracer/memory_tracer.h"
#include "core/records/event.h"
#include "core/records/manifest.h"
#include "ports/event_bus.h"
#include "ports/metadata_store.h"
#include "services/indexing/indexing_service.h"
#include "support/fakes.h"
#include "support/faulty_ports.h"

namespace seshat::testing {

struct SessionSpec {
  std::string id;
  std::optional<std::string> metadata;  // text of "metadata.txt"
  std::vector<std::string> files{"a.bin"};
  uint32_t revision = 1;
  bool partial = false;
};

class IndexingLab {
 public:
  IndexingLab();

  // Each stores what the agent or a worker would, and answers the event that they would publish.
  Event PutSession(const SessionSpec& spec);
  Event PutReceipt(const std::string& id, const std::string& path, const std::string& processor, uint32_t revision = 1);
  Event PutFailure(const std::string& id, const std::string& path, const std::string& processor, uint32_t number,
                   uint32_t revision = 1);
  void Put(const std::string& key, const std::string& bytes);

  void Publish(const std::vector<Event>& events);
  // Works until no event is left; the clock moves over backoffs and leases.
  void Drain(indexing::IndexingService& service);
  void LoseIndex();  // and make an empty one

  indexing::IndexingPorts ports() { return {*store, *bus, *index, clock, random, logger, metrics, tracer}; }
  // The same with faults in each.
  indexing::IndexingPorts faulty_ports(FaultPlan& plan);
  std::unique_ptr<indexing::IndexingService> MakeService() { return indexing::MakeIndexingService(ports()); }

  std::map<std::string, SessionDocument> Documents();
  std::vector<Event> Announced();  // SessionIndexedEvents since the last call
  SubscriptionStats Stats();

  FakeClock clock;
  SeededRandom random;
  MemoryLogger logger;
  MemoryMetrics metrics;
  memory_tracer::MemoryTracer tracer{clock, random};
  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs;
  std::unique_ptr<BlobStore> store;
  std::unique_ptr<EventBus> bus;
  std::unique_ptr<MetadataStore> index;

 private:
  Event MakeEvent(std::string_view type, const std::string& id, std::string data);

  std::unique_ptr<BlobStore> faulty_store_;
  std::unique_ptr<EventBus> faulty_bus_;
  std::unique_ptr<MetadataStore> faulty_index_;
};

// Refuses the documents of sessions named bad….
class PickyIndex : public MetadataStore {
 public:
  explicit PickyIndex(MetadataStore& inner) : inner_(inner) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Status Upsert(std::span<const SessionDocument> documents) override {
    for (const auto& document : documents)
      if (document.session_id.starts_with("bad")) return Fail(ErrorCode::kInvalidArgument, "I do not like it");
    return inner_.Upsert(documents);
  }
  Result<SessionDocument> Get(std::string_view id) override { return inner_.Get(id); }
  Result<SearchPage> Search(const SearchRequest& request) override { return inner_.Search(request); }
  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override { return inner_.Fields(options); }
  Result<IndexStatus> GetStatus() override { return inner_.GetStatus(); }
  Result<std::string> BeginRebuild() override { return inner_.BeginRebuild(); }
  Status FinishRebuild(std::string_view token) override { return inner_.FinishRebuild(token); }

 private:
  MetadataStore& inner_;
};

}  // namespace seshat::testing
