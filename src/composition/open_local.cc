#include "composition/open_local.h"

#include "adapters/file_store/file_store.h"
#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "composition/remedies.h"

namespace seshat::composition {

Result<std::unique_ptr<BlobStore>> OpenFileStore(const Config&, const Foundation&, const AdapterUrl& url,
                                                 BlobAccess access) {
  return file_store::MakeFileBlobStore({.root = url.rest, .access = access});
}

Result<std::unique_ptr<EventBus>> OpenSqliteBus(const Config&, const Foundation& foundation, const AdapterUrl& url) {
  auto bus = sqlite_event_bus::MakeSqliteEventBus({.path = url.rest}, *foundation.clock);
  if (!bus) return std::unexpected(WithRemedy(std::move(bus.error()), kBusRemedy));
  return bus;
}

Result<std::unique_ptr<MetadataStore>> OpenSqliteIndex(const Config&, const Foundation&, const AdapterUrl& url) {
  return sqlite_metadata_store::MakeSqliteMetadataStore({.path = url.rest, .release_memory = true});
}

}  // namespace seshat::composition
