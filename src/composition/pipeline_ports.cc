#include "composition/pipeline_ports.h"

#include "services/indexing/indexing_service.h"

namespace seshat::composition {

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kAgent:
      return "agent";
    case Role::kProcess:
      return "process";
    case Role::kIndex:
      return "index";
  }
  return "agent";
}

Result<PipelinePorts> OpenPipelinePorts(const Config& config, const Foundation& foundation,
                                        const std::set<Role>& roles) {
  PipelinePorts ports;
  SESHAT_ASSIGN(ports.bus, OpenEventBus(config, foundation));
  if (roles.contains(Role::kAgent)) {
    SESHAT_ASSIGN(ports.write_only_store, OpenBlobStore(config, foundation, BlobAccess::kWriteOnly));
    auto journal = OpenJournal(config, foundation, false);
    if (!journal) return std::unexpected(std::move(journal.error()).WithContext("opening the agent's journal"));
    ports.journal = std::move(*journal);
  }
  if (roles.contains(Role::kProcess) || roles.contains(Role::kIndex)) {
    SESHAT_ASSIGN(ports.store, OpenBlobStore(config, foundation, BlobAccess::kReadWrite));
  }
  if (roles.contains(Role::kIndex)) {
    SESHAT_ASSIGN(ports.index, OpenMetadataStore(config, foundation));
  }
  return ports;
}

std::vector<std::string> SubscriptionsOf(const Config& config, const std::set<Role>& roles) {
  std::vector<std::string> own;
  for (const std::string& name : SubscriptionNames(config)) {
    const Role role = name == indexing::kIndexingSubscription ? Role::kIndex : Role::kProcess;
    if (roles.contains(role)) own.push_back(name);
  }
  return own;
}

}  // namespace seshat::composition
