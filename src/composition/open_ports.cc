// Opens what the URLs of the configuration choose, with what lies over every adapter alike: the name of what was being
// opened in errors, and metering (signing, retries and request counts of AWS lie below: platform/aws/service.h).
#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "adapters/metered/metered.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "composition/adapter_table.h"
#include "composition/composition.h"
#include "composition/dry_run_ports.h"
#include "composition/remedies.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::composition {

Result<std::unique_ptr<BlobStore>> OpenBlobStore(const Config& config, const Foundation& foundation,
                                                 BlobAccess access) {
  SESHAT_ASSIGN(const auto chosen, ChosenBlobStore(config));
  auto store = chosen.adapter->open(config, foundation, chosen.url, access);
  if (!store) return std::unexpected(std::move(store.error()).WithContext("opening the blob store"));
  return metered::Metered(std::move(*store), *foundation.metrics);
}

Result<std::unique_ptr<EventBus>> OpenEventBus(const Config& config, const Foundation& foundation) {
  SESHAT_ASSIGN(const auto chosen, ChosenEventBus(config));
  SESHAT_ASSIGN(const std::vector<processing::ProcessorSpec> processors, ProcessorsOf(config));
  auto bus = chosen.adapter->open(config, foundation, chosen.url);
  if (!bus) return std::unexpected(std::move(bus.error()).WithContext("opening the event bus"));
  std::vector<SubscriptionSpec> subscriptions{indexing::IndexingSubscription()};
  if (!processors.empty()) {
    for (SubscriptionSpec& spec : processing::ProcessingSubscriptions(processors))
      subscriptions.push_back(std::move(spec));
  }
  for (const SubscriptionSpec& spec : subscriptions) {
    if (auto made = (*bus)->EnsureSubscription(spec); !made)
      return std::unexpected(WithRemedy(std::move(made.error()), kBusRemedy));
  }
  return metered::Metered(std::move(*bus), *foundation.metrics);
}

Result<std::unique_ptr<MetadataStore>> OpenMetadataStore(const Config& config, const Foundation& foundation) {
  SESHAT_ASSIGN(const auto chosen, ChosenMetadataStore(config));
  auto store = chosen.adapter->open(config, foundation, chosen.url);
  // A server's errors name the setting already.
  if (!store && chosen.adapter->place != Place::kServer)
    return std::unexpected(std::move(store.error()).WithContext("opening the search index"));
  if (!store) return store;
  return metered::Metered(std::move(*store), *foundation.metrics);
}

Result<std::unique_ptr<MigrationJournal>> OpenJournal(const Config& config, const Foundation& foundation,
                                                      bool read_only) {
  auto journal = sqlite_journal::MakeSqliteJournal(
      {.path = StateDirectory(config) / "journal.db", .read_only = read_only}, *foundation.random);
  if (!journal) return std::unexpected(WithRemedy(std::move(journal.error()), kJournalRemedy));
  return journal;
}

Result<DryRunPorts> OpenDryRunPorts(const Config& config, const Foundation& foundation) {
  DryRunPorts ports;
  auto journal = OpenJournal(config, foundation, true);
  if (!journal && journal.error().code != ErrorCode::kNotFound) return std::unexpected(std::move(journal.error()));
  ports.journal = journal ? std::move(*journal) : memory_journal::MakeMemoryJournal();
  ports.store = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>(),
                                                       BlobAccess::kWriteOnly);
  ports.bus = memory_event_bus::MakeMemoryEventBus(*foundation.clock);
  return ports;
}

}  // namespace seshat::composition
