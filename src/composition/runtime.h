// Runtime: the owner of everything that a process of Seshat is made of, in the order in which it must live:
// configuration, foundation, ports, services. Every front door makes one and keeps it to its end.
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "composition/composition.h"
#include "composition/config/config.h"
#include "composition/pipeline_ports.h"
#include "composition/proxy.h"
#include "composition/role.h"
#include "composition/roles.h"
#include "core/base/error.h"

namespace seshat::composition {

class Runtime {
 public:
  // Opens nothing yet. kInvalidArgument naming the setting.
  static Result<std::unique_ptr<Runtime>> Make(Config config, const LogSink& sink, const Environment& environment);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Each port is opened at its first call and is the same one from then on; an error is not remembered. Any thread.
  Result<std::shared_ptr<BlobStore>> Store(BlobAccess access = BlobAccess::kReadWrite);
  // With the subscriptions of every role in place, so that nothing published is ever lost.
  Result<std::shared_ptr<EventBus>> Bus();
  Result<std::shared_ptr<MetadataStore>> Index();
  // The agent's own.
  Result<std::shared_ptr<MigrationJournal>> Journal();

  // Opens what the roles need and makes their services; once in a life. Nothing runs before Pipeline::Start.
  Result<Pipeline*> OpenRoles(const std::set<Role>& roles);

  const Config& config;
  const Foundation& foundation;

 private:
  explicit Runtime(Config loaded) : config(config_), foundation(foundation_), config_(std::move(loaded)) {}

  const Config config_;
  Foundation foundation_;
  std::mutex mutex_;  // of ports_
  PipelinePorts ports_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace seshat::composition
