#include "composition/pipeline_ports.h"

#include "composition/runtime.h"
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

Result<PipelinePorts> OpenPipelinePorts(Runtime& runtime, const std::set<Role>& roles) {
  PipelinePorts ports;
  SESHAT_ASSIGN(ports.bus, runtime.Bus());
  if (roles.contains(Role::kAgent)) {
    SESHAT_ASSIGN(ports.write_only_store, runtime.Store(BlobAccess::kWriteOnly));
    SESHAT_ASSIGN(ports.journal, runtime.Journal());
  }
  if (roles.contains(Role::kProcess) || roles.contains(Role::kIndex)) {
    SESHAT_ASSIGN(ports.store, runtime.Store(BlobAccess::kReadWrite));
  }
  if (roles.contains(Role::kIndex)) {
    SESHAT_ASSIGN(ports.index, runtime.Index());
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
