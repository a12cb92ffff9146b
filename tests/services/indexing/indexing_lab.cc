#include "services/indexing/indexing_lab.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "ports/reference/reference_metadata_store.h"

namespace seshat::testing {
namespace {

constexpr std::string_view kWatcher = "watcher";
constexpr std::string_view kMetadataPath = "metadata.txt";

SessionId Id(const std::string& id) { return SessionId::Parse(id).value(); }

}  // namespace

IndexingLab::IndexingLab()
    : blobs(std::make_shared<memory_blob_store::MemoryBlobs>()),
      store(memory_blob_store::MakeMemoryBlobStore(blobs)),
      bus(memory_event_bus::MakeMemoryEventBus(clock)) {
  LoseIndex();
  EXPECT_TRUE(bus->EnsureSubscription(indexing::IndexingSubscription()));
  EXPECT_TRUE(bus->EnsureSubscription({.name = std::string(kWatcher), .types = {std::string(SessionIndexed::kType)}}));
}

void IndexingLab::LoseIndex() { index = reference::MakeReferenceMetadataStore(); }

void IndexingLab::Put(const std::string& key, const std::string& bytes) {
  const auto put = PutBytes(*store, BlobKey::Parse(key).value(), bytes);
  ASSERT_TRUE(put) << key << ": " << put.error().ToString();
}

Event IndexingLab::MakeEvent(std::string_view type, const std::string& id, std::string data) {
  return {.id = RandomId(random),
          .type = std::string(type),
          .source = "seshat/test",
          .subject = id,
          .time = clock.Now(),
          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          .data = std::move(data)};
}

Event IndexingLab::PutSession(const SessionSpec& spec) {
  const auto id = Id(spec.id);
  Manifest manifest;
  manifest.session_id = spec.id;
  manifest.revision = spec.revision;
  manifest.source = "rig";
  manifest.agent_id = "agent";
  manifest.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  // Records must not depend on the moment at which a test makes them.
  manifest.started_at = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2};
  manifest.ended_at = manifest.started_at + std::chrono::hours{1};
  manifest.migrated_at = manifest.started_at + std::chrono::hours{2};
  std::map<std::string, std::string> contents;
  for (const auto& path : spec.files) contents[path] = "bytes of " + path;
  if (spec.metadata) {
    contents[std::string(kMetadataPath)] = *spec.metadata;
    manifest.metadata_path = kMetadataPath;
  }
  for (const auto& [path, bytes] : contents) {
    const auto key = keys::Raw(id, spec.revision, 0, path).value();
    Put(key.value(), bytes);
    manifest.files.push_back({.path = path,
                              .key = key.value(),
                              .size = bytes.size(),
                              .sha256 = Sha256::Of(AsBytes(bytes)),
                              .mode = 0644,
                              .modified_at = manifest.started_at,
                              .since_revision = spec.revision});
  }
  if (spec.partial) manifest.skipped.push_back({"link", "symlink", "links are not followed"});
  const auto text = records::EncodeManifest(manifest);
  const auto key = keys::Manifest(id, spec.revision).value();
  Put(key.value(), text);
  const SessionMigrated event{spec.id, spec.revision, key.value(), Sha256::Of(AsBytes(text)), "rig"};
  return MakeEvent(SessionMigrated::kType, spec.id, event.ToData());
}

Event IndexingLab::PutReceipt(const std::string& id, const std::string& path, const std::string& processor,
                              uint32_t revision) {
  const auto raw = keys::Raw(Id(id), revision, 0, path).value();
  const auto prefix = keys::ResultPrefix(Id(id), processor, "1", raw);
  Put(prefix + "out.csv", "x");
  Receipt receipt;
  receipt.session_id = id;
  receipt.path = path;
  receipt.raw_key = raw.value();
  receipt.input_sha256 = Sha256::Of(AsBytes("bytes of " + path));
  receipt.processor = processor;
  receipt.version = "1";
  receipt.outputs = {{"out.csv", prefix + "out.csv", 1, Sha256::Of(AsBytes("x"))}};
  Put(keys::Receipt(prefix).value(), records::EncodeReceipt(receipt));
  const FileProcessed event{id, path, processor, "1", keys::Receipt(prefix).value(), ProcessingOutcome::kSucceeded};
  return MakeEvent(FileProcessed::kType, id, event.ToData());
}

Event IndexingLab::PutFailure(const std::string& id, const std::string& path, const std::string& processor,
                              uint32_t number, uint32_t revision) {
  const auto raw = keys::Raw(Id(id), revision, 0, path).value();
  const auto key = keys::Failure(keys::ResultPrefix(Id(id), processor, "1", raw), number).value();
  ProcessingFailure failure;
  failure.session_id = id;
  failure.path = path;
  failure.raw_key = raw.value();
  failure.processor = processor;
  failure.version = "1";
  failure.reason = fmt::format("exit status {}", number);
  failure.attempts = 5;
  Put(key, records::EncodeProcessingFailure(failure));
  const FileProcessed event{id, path, processor, "1", key, ProcessingOutcome::kFailed};
  return MakeEvent(FileProcessed::kType, id, event.ToData());
}

void IndexingLab::Publish(const std::vector<Event>& events) { ASSERT_TRUE(bus->Publish(events)); }

SubscriptionStats IndexingLab::Stats() { return bus->Stats(indexing::kIndexingSubscription).value(); }

void IndexingLab::Drain(indexing::IndexingService& service) {
  for (int round = 0; round < 500; ++round) {
    (void)service.IndexOnce({});  // a bus that fails is part of some tests
    const auto stats = Stats();
    if (stats.ready + stats.in_flight == 0) return;
    clock.Advance(std::chrono::minutes{1});
  }
  FAIL() << "events are still waiting: " << Stats().ready << " ready, " << Stats().in_flight << " in flight";
}

indexing::IndexingPorts IndexingLab::faulty_ports(FaultPlan& plan) {
  faulty_store_ = std::make_unique<FaultyBlobStore>(*store, plan);
  faulty_bus_ = std::make_unique<FaultyEventBus>(*bus, plan);
  faulty_index_ = std::make_unique<FaultyMetadataStore>(*index, plan);
  return {*faulty_store_, *faulty_bus_, *faulty_index_, clock, random, logger, metrics, tracer};
}

std::map<std::string, SessionDocument> IndexingLab::Documents() {
  std::map<std::string, SessionDocument> documents;
  SearchRequest request{.query = {MatchAll{}}, .limit = 10'000};
  const auto page = index->Search(request);
  EXPECT_TRUE(page) << page.error().ToString();
  if (page)
    for (const auto& hit : page->hits) documents[hit.document.session_id] = hit.document;
  return documents;
}

std::vector<Event> IndexingLab::Announced() {
  std::vector<Event> events;
  while (true) {
    const auto deliveries = bus->Receive(kWatcher, {.max_events = 1000, .wait = std::chrono::milliseconds{0}}, {});
    EXPECT_TRUE(deliveries);
    if (!deliveries || deliveries->empty()) return events;
    std::vector<std::string> handles;
    for (const auto& delivery : *deliveries) {
      events.push_back(delivery.event);
      handles.push_back(delivery.handle);
    }
    EXPECT_TRUE(bus->Acknowledge(kWatcher, handles));
  }
}

}  // namespace seshat::testing
