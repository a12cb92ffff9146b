#include "services/migration/lab.h"

#include <gtest/gtest.h>

#include "core/records/keys.h"
#include "core/records/manifest_pages.h"
#include "support/paged_manifest.h"

namespace seshat::testing {

migration::SourceSpec QuickSpec(std::string name) {
  migration::SourceSpec spec;
  spec.path = "/lab/" + name;
  spec.name = std::move(name);
  spec.complete.quiet = std::chrono::seconds(5);
  return spec;
}

Lab::Lab()
    : blobs(std::make_shared<memory_blob_store::MemoryBlobs>()),
      writer(memory_blob_store::MakeMemoryBlobStore(blobs, BlobAccess::kWriteOnly)),
      reader(memory_blob_store::MakeMemoryBlobStore(blobs)),
      bus(memory_event_bus::MakeMemoryEventBus(clock)),
      journal(memory_journal::MakeMemoryJournal()) {
  EXPECT_TRUE(bus->EnsureSubscription({.name = "test", .types = {}}));
  options.host = "rig-1";
  options.small_file_bytes = 1000;
  options.buffered_bytes = 4000;
}

memory_source::MemorySource& Lab::AddSource(migration::SourceSpec spec) {
  sources_.push_back({std::move(spec), std::make_unique<memory_source::MemorySource>(clock)});
  return *sources_.back().tree;
}

migration::MigrationService& Lab::Start() {
  service_.reset();
  std::vector<migration::Source> sources;
  for (size_t i = 0; i < sources_.size(); ++i) {
    SourceTree* tree = i < tree_fronts.size() ? tree_fronts[i] : sources_[i].tree.get();
    sources.push_back({sources_[i].spec, std::make_unique<BorrowedTree>(*tree)});
  }
  const migration::Ports ports{.store = store_front != nullptr ? *store_front : *writer,
                               .bus = bus_front != nullptr ? *bus_front : *bus,
                               .journal = journal_front != nullptr ? *journal_front : *journal,
                               .clock = clock,
                               .random = random,
                               .logger = logger,
                               .metrics = metrics,
                               .tracer = tracer};
  auto made = migration::MigrationService::Make(std::move(sources), ports, options);
  EXPECT_TRUE(made) << made.error().message;
  service_ = *std::move(made);
  return *service_;
}

migration::UploadSummary Lab::Round() {
  if (!service_) Start();
  // Failures are what some tests are about; they look at the outcome.
  for (const auto& entry : sources_) {
    [[maybe_unused]] const auto scan = service_->ScanOnce(entry.spec.name, {});
  }
  return service_->UploadOnce({});
}

void Lab::Settle(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    Round();
    clock.Advance(std::chrono::seconds(10));
  }
}

std::optional<Manifest> Lab::ManifestOf(const std::string& id, uint32_t revision) {
  const auto key = keys::Manifest(SessionId::Parse(id).value(), revision).value();
  auto manifest = ReadWholeManifest(*reader, key.value());
  if (!manifest && manifest.error().code == ErrorCode::kNotFound) return std::nullopt;
  EXPECT_TRUE(manifest) << manifest.error().message;
  return manifest ? std::optional(*std::move(manifest)) : std::nullopt;
}

std::vector<std::string> Lab::ManifestKeys(const std::string& id, uint32_t revision) {
  const auto key = keys::Manifest(SessionId::Parse(id).value(), revision).value();
  const auto text = GetBytes(*reader, key, kMaxManifestBytes);
  const auto head = records::DecodeManifestHead(text.value_or(""));
  EXPECT_TRUE(head) << key.value();
  std::vector<std::string> keys{key.value()};
  if (head)
    for (const auto& page : head->pages) keys.push_back(page.key);
  return keys;
}

std::optional<Manifest> Lab::Newest(const std::string& id) {
  std::optional<Manifest> newest;
  for (uint32_t revision = 1;; ++revision) {
    auto next = ManifestOf(id, revision);
    if (!next) return newest;
    newest = std::move(next);
  }
}

std::map<std::string, std::string> Lab::Stored(const std::string& id) {
  std::map<std::string, std::string> files;
  const auto manifest = Newest(id);
  if (!manifest) return files;
  for (const auto& file : manifest->files) {
    const auto bytes = GetBytes(*reader, BlobKey::Parse(file.key).value(), 1 << 26);
    EXPECT_TRUE(bytes) << file.key << " is named in the manifest and not in the store";
    if (!bytes) continue;
    EXPECT_EQ(Sha256::Of(AsBytes(*bytes)), file.sha256) << file.key;
    EXPECT_EQ(bytes->size(), file.size);
    files[file.path] = *bytes;
  }
  return files;
}

std::vector<std::string> Lab::Keys() {
  std::vector<std::string> keys;
  ListOptions options_of_list;
  while (true) {
    const auto page = reader->List(options_of_list);
    EXPECT_TRUE(page);
    if (!page) return keys;
    for (const auto& blob : page->blobs) keys.push_back(blob.key);
    if (page->next_start_after.empty()) return keys;
    options_of_list.start_after = page->next_start_after;
  }
}

std::vector<Event> Lab::Events() {
  while (true) {
    auto got = bus->Receive("test", {.max_events = 100, .wait = std::chrono::milliseconds(0)}, {});
    EXPECT_TRUE(got);
    if (!got || got->empty()) return events_;
    for (auto& delivery : *got) {
      EXPECT_TRUE(bus->Acknowledge("test", std::vector{delivery.handle}));
      events_.push_back(std::move(delivery.event));
    }
  }
}

std::vector<SessionMigrated> Lab::Migrated() {
  std::vector<SessionMigrated> out;
  for (const auto& event : Events())
    if (event.type == SessionMigrated::kType) out.push_back(SessionMigrated::FromData(event.data).value());
  return out;
}

migration::SessionStatus Lab::Why(const std::string& id, size_t i) {
  auto found = migration::MigrationView(*journal, clock).Why(id);
  EXPECT_TRUE(found) << found.error().message;
  if (!found || found->size() <= i) return {};
  return (*found)[i];
}

}  // namespace seshat::testing
