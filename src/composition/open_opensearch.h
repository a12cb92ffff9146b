// The metadata store on OpenSearch, for adapter_table.cc.
#pragma once

#include <memory>

#include "composition/composition.h"
#include "core/base/error.h"
#include "ports/metadata_store.h"

namespace seshat::composition {

// `url` is "opensearch+http://host:port/alias" or with https; without an alias "seshat-sessions". Asks nobody.
// kInvalidArgument naming the setting.
Result<std::unique_ptr<MetadataStore>> OpenOpenSearch(const Config& config, const Foundation& foundation,
                                                      const AdapterUrl& url);

}  // namespace seshat::composition
