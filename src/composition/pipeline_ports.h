// What a process opens for its roles, and nothing beyond: an agent by itself can only write and publish, as its
// credential can.
#pragma once

#include <memory>
#include <set>

#include "composition/composition.h"
#include "composition/role.h"
#include "core/base/error.h"

namespace seshat::composition {

class Runtime;

//            write-only store   journal   bus   store   index
// agent             x              x      x (publishes)
// process                                 x       x
// index                                   x       x       x
struct PipelinePorts {
  std::shared_ptr<EventBus> bus;
  std::shared_ptr<BlobStore> write_only_store;
  std::shared_ptr<MigrationJournal> journal;
  std::shared_ptr<BlobStore> store;
  std::shared_ptr<MetadataStore> index;
};

// Those of `runtime`, which must outlive them.
Result<PipelinePorts> OpenPipelinePorts(Runtime& runtime, const std::set<Role>& roles);

// The subscriptions that these roles consume, in the order in which a session passes them.
std::vector<std::string> SubscriptionsOf(const Config& config, const std::set<Role>& roles);

}  // namespace seshat::composition
