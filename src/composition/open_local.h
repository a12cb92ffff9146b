// Ports on directories and databases of this machine, for adapter_table.cc.
#pragma once

#include <memory>

#include "composition/composition.h"
#include "core/base/error.h"

namespace seshat::composition {

Result<std::unique_ptr<BlobStore>> OpenFileStore(const Config& config, const Foundation& foundation,
                                                 const AdapterUrl& url, BlobAccess access);
// With what to do where the database is damaged.
Result<std::unique_ptr<EventBus>> OpenSqliteBus(const Config& config, const Foundation& foundation,
                                                const AdapterUrl& url);
Result<std::unique_ptr<MetadataStore>> OpenSqliteIndex(const Config& config, const Foundation& foundation,
                                                       const AdapterUrl& url);

}  // namespace seshat::composition
