// Ports on AWS and what speaks like it, for adapter_table.cc.
#pragma once

#include <memory>
#include <string_view>

#include "adapters/sns_sqs/names.h"
#include "composition/composition.h"
#include "core/base/error.h"

namespace seshat::composition {

Result<std::unique_ptr<BlobStore>> OpenS3Store(const Config& config, const Foundation& foundation,
                                               const AdapterUrl& url, BlobAccess access);
Result<std::unique_ptr<EventBus>> OpenSnsSqsBus(const Config& config, const Foundation& foundation,
                                                const AdapterUrl& url);

// What bus.url calls the topic and its queues in this region. kInvalidArgument saying what belongs there.
Result<sns_sqs::BusNames> BusNamesOf(const Config& config, std::string_view region);

}  // namespace seshat::composition
