// A lab in memory around the migration service: sources, journal, store and bus outlive the service, so that a
// crash is a new service over the same things.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "adapters/memory_source/memory_source.h"
#include "adapters/memory_tracer/memory_tracer.h"
#include "core/records/manifest.h"
#include "ports/blob_transfer.h"
#include "services/migration/migration_service.h"
#include "services/migration/migration_view.h"
#include "support/fakes.h"

namespace seshat::testing {

// A tree that is not the service's own.
class BorrowedTree : public SourceTree {
 public:
  explicit BorrowedTree(SourceTree& inner) : inner_(inner) {}
  Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) override {
    return inner_.Scan(under, visitor, std::move(stop));
  }
  Result<SourceFile> Open(std::string_view path) override { return inner_.Open(path); }
  WaitEnd WaitForChange(std::chrono::nanoseconds at_most, std::stop_token stop) override {
    return inner_.WaitForChange(at_most, std::move(stop));
  }
  Status Delete(std::string_view path, const FileStat& expected) override { return inner_.Delete(path, expected); }
  Status WriteNote(std::string_view path, std::string_view text) override { return inner_.WriteNote(path, text); }

 private:
  SourceTree& inner_;
};

class Lab {
 public:
  Lab();

  // Adds a source before Start.
  memory_source::MemorySource& AddSource(migration::SourceSpec spec);
  memory_source::MemorySource& source(size_t i = 0) { return *sources_[i].tree; }
  migration::SourceSpec& spec(size_t i = 0) { return sources_[i].spec; }

  // (Re)starts the agent: a new service over what is there.
  migration::MigrationService& Start();
  migration::MigrationService& service() { return *service_; }

  // Scans every source, then uploads all that is due.
  migration::UploadSummary Round();
  // Rounds, ten seconds apart, until everything that can be is stored.
  void Settle(int rounds = 12);

  std::optional<Manifest> ManifestOf(const std::string& id, uint32_t revision);
  std::optional<Manifest> Newest(const std::string& id);
  // The keys of its objects: the head's, or the only one's, and the pages'.
  std::vector<std::string> ManifestKeys(const std::string& id, uint32_t revision);
  // The session's files as its newest manifest tells them, each read from the store and checked against its digest.
  std::map<std::string, std::string> Stored(const std::string& id);
  std::vector<std::string> Keys();
  // Everything published so far, oldest first; duplicates included.
  std::vector<Event> Events();
  std::vector<SessionMigrated> Migrated();
  migration::SessionStatus Why(const std::string& id, size_t i = 0);

  FakeClock clock;
  SeededRandom random;
  MemoryLogger logger;
  MemoryMetrics metrics;
  memory_tracer::MemoryTracer tracer{clock, random};
  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs;
  std::unique_ptr<BlobStore> writer;
  std::unique_ptr<BlobStore> reader;
  std::unique_ptr<EventBus> bus;
  std::unique_ptr<MigrationJournal> journal;
  migration::Options options;
  // Decorators, where a test puts some in front; null: the ports above.
  BlobStore* store_front = nullptr;
  EventBus* bus_front = nullptr;
  MigrationJournal* journal_front = nullptr;
  std::vector<SourceTree*> tree_fronts;

 private:
  struct Entry {
    migration::SourceSpec spec;
    std::unique_ptr<memory_source::MemorySource> tree;
  };
  std::vector<Entry> sources_;
  std::unique_ptr<migration::MigrationService> service_;
  std::vector<Event> events_;
};

migration::SourceSpec QuickSpec(std::string name);

}  // namespace seshat::testing
