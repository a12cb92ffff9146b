// Events that are facts already, waiting in the journal until the bus has them.
#pragma once

#include "core/base/error.h"
#include "services/migration/base/migration_options.h"
#include "services/migration/base/migration_ports.h"
#include "services/migration/scan/source_runtime.h"

namespace seshat::migration {

// Publishes all of them, oldest first. After an error the rest stays for the next time; what the bus took before a
// crash could be noted is published again under the same id.
Status PublishOutbox(const Ports& ports);

// SourceHeartbeatEvent, and the gauges that say the same. Not from the outbox: a late heartbeat is of no use.
Status SendHeartbeat(const SourceRuntime& source, const Ports& ports, const Options& options);

}  // namespace seshat::migration
