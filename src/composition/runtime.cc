#include "composition/runtime.h"

#include <utility>

namespace seshat::composition {
namespace {

// Opens where nothing is yet.
template <typename Port, typename Open>
Result<std::shared_ptr<Port>> Once(std::mutex& mutex, std::shared_ptr<Port>& port, Open open) {
  const std::lock_guard lock(mutex);
  if (!port) {
    SESHAT_ASSIGN(port, open());
  }
  return port;
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::Make(Config config, const LogSink& sink, const Environment& environment) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(config)));
  SESHAT_ASSIGN(runtime->foundation_, MakeFoundation(runtime->config_, sink, environment));
  return runtime;
}

Runtime::~Runtime() {
  // Services before the ports that they work with.
  pipeline_.reset();
}

Result<std::shared_ptr<BlobStore>> Runtime::Store(BlobAccess access) {
  auto& store = access == BlobAccess::kWriteOnly ? ports_.write_only_store : ports_.store;
  return Once(mutex_, store, [&] { return OpenBlobStore(config, foundation, access); });
}

Result<std::shared_ptr<EventBus>> Runtime::Bus() {
  return Once(mutex_, ports_.bus, [&] { return OpenEventBus(config, foundation); });
}

Result<std::shared_ptr<MetadataStore>> Runtime::Index() {
  return Once(mutex_, ports_.index, [&] { return OpenMetadataStore(config, foundation); });
}

Result<std::shared_ptr<MigrationJournal>> Runtime::Journal() {
  return Once(mutex_, ports_.journal, [&]() -> Result<std::unique_ptr<MigrationJournal>> {
    auto journal = OpenJournal(config, foundation, false);
    if (!journal) return std::unexpected(std::move(journal.error()).WithContext("opening the agent's journal"));
    return journal;
  });
}

Result<Pipeline*> Runtime::OpenRoles(const std::set<Role>& roles) {
  SESHAT_ASSIGN(pipeline_, MakePipeline(*this, roles));
  return pipeline_.get();
}

}  // namespace seshat::composition
