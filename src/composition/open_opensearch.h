// The metadata store on OpenSearch, as the configuration names it.
#pragma once

#include <memory>
#include <string>

#include "composition/composition.h"
#include "core/base/error.h"
#include "ports/metadata_store.h"

namespace seshat::composition {

inline constexpr std::string_view kOpenSearchPlain = "opensearch+http";
inline constexpr std::string_view kOpenSearchTls = "opensearch+https";

// `url` is "opensearch+http://host:port/alias" or with https; without an alias "seshat-sessions". Asks nobody.
// kInvalidArgument naming the setting.
Result<std::unique_ptr<MetadataStore>> OpenOpenSearch(const std::string& url, const Config& config,
                                                      const Foundation& foundation);

}  // namespace seshat::composition
