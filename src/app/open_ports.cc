// Which adapter stands behind which port, and which decorators lie over it: here and nowhere else.
//
// From the inside out: the adapter (those of AWS sign, retry and count their requests below: aws/service.h), then
// metering.
#include <fmt/format.h>

#include "adapters/file_store/file_store.h"
#include "adapters/metered/metered.h"
#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "app/composition.h"
#include "app/open_opensearch.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::app {
namespace {

std::unexpected<Error> NoAdapter(std::string_view setting, std::string_view scheme, std::string_view known) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: there is no adapter for '{}://'; known here: {}", setting, scheme, known));
}

// An error with what to do, where a database is damaged.
std::unexpected<Error> Damaged(Error error, std::string_view remedy) {
  if (error.code == ErrorCode::kDataLoss) error.message += fmt::format(". {}", remedy);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<std::unique_ptr<BlobStore>> OpenBlobStore(const Config& config, const Foundation& foundation,
                                                 BlobAccess access) {
  SESHAT_ASSIGN(const AdapterUrl url, ParseAdapterUrl(config.Text("store.url")));
  if (url.scheme != "file") return NoAdapter("store.url", url.scheme, "file");
  auto store = MakeFileBlobStore({.root = url.rest, .access = access});
  if (!store) return std::unexpected(std::move(store.error()).WithContext("opening the blob store"));
  return Metered(std::move(*store), *foundation.metrics);
}

Result<std::unique_ptr<EventBus>> OpenEventBus(const Config& config, const Foundation& foundation) {
  SESHAT_ASSIGN(const AdapterUrl url, ParseAdapterUrl(config.Text("bus.url")));
  if (url.scheme != "sqlite") return NoAdapter("bus.url", url.scheme, "sqlite");
  SESHAT_ASSIGN(const std::vector<ProcessorSpec> processors, ProcessorsOf(config));
  auto bus = MakeSqliteEventBus({.path = url.rest}, *foundation.clock);
  if (!bus) return Damaged(std::move(bus.error()).WithContext("opening the event bus"), kBusRemedy);
  std::vector<SubscriptionSpec> subscriptions{IndexingSubscription()};
  if (!processors.empty()) {
    for (SubscriptionSpec& spec : ProcessingSubscriptions(processors))
      subscriptions.push_back(std::move(spec));
  }
  for (const SubscriptionSpec& spec : subscriptions) {
    if (auto made = (*bus)->EnsureSubscription(spec); !made)
      return Damaged(std::move(made.error()), kBusRemedy);
  }
  return Metered(std::move(*bus), *foundation.metrics);
}

Result<std::unique_ptr<MetadataStore>> OpenMetadataStore(const Config& config, const Foundation& foundation) {
  SESHAT_ASSIGN(const AdapterUrl url, ParseAdapterUrl(config.Text("metadata.url")));
  if (url.scheme == kOpenSearchPlain || url.scheme == kOpenSearchTls) {
    SESHAT_ASSIGN(auto opensearch, OpenOpenSearch(config.Text("metadata.url"), config, foundation));
    return Metered(std::move(opensearch), *foundation.metrics);
  }
  if (url.scheme != "sqlite")
    return NoAdapter("metadata.url", url.scheme,
                     fmt::format("sqlite, {}, {}", kOpenSearchPlain, kOpenSearchTls));
  auto store = MakeSqliteMetadataStore({.path = url.rest});
  if (!store) return std::unexpected(std::move(store.error()).WithContext("opening the search index"));
  return Metered(std::move(*store), *foundation.metrics);
}

Result<std::unique_ptr<MigrationJournal>> OpenJournal(const Config& config, const Foundation& foundation,
                                                      bool read_only) {
  auto journal = MakeSqliteJournal({.path = StateDirectory(config) / "journal.db", .read_only = read_only},
                                   *foundation.random);
  if (!journal) return Damaged(std::move(journal.error()), kJournalRemedy);
  return journal;
}

}  // namespace seshat::app
