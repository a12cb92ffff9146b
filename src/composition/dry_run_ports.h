// What an agent that only plans is given.
#pragma once

#include <memory>

#include "composition/composition.h"
#include "core/base/error.h"

namespace seshat::composition {

// The configured store and bus, which opening would make, are not opened; what stands in for them is never called.
struct DryRunPorts {
  std::unique_ptr<BlobStore> store;
  std::unique_ptr<EventBus> bus;
  // What earlier runs of the agent remember, read only; an empty memory where none has run.
  std::unique_ptr<MigrationJournal> journal;
};
Result<DryRunPorts> OpenDryRunPorts(const Config& config, const Foundation& foundation);

}  // namespace seshat::composition
