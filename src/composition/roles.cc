#include "composition/roles.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "adapters/process_runner/process_runner.h"
#include "adapters/scratch_directory/scratch_directory.h"
#include "composition/pipeline_ports.h"
#include "composition/pipeline_status.h"
#include "composition/runtime.h"
#include "ports/scratch.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::composition {
namespace {

class PipelineImpl : public Pipeline {
 public:
  PipelineImpl(Runtime& runtime, std::set<Role> roles)
      : runtime_(runtime), config_(runtime.config), foundation_(runtime.foundation), roles_(std::move(roles)) {}

  ~PipelineImpl() override {
    // Its requests ask the ports below, so it goes first.
    http_.reset();
  }

  Status Open() {
    began_ = foundation_.clock->Now();
    SESHAT_ASSIGN(ports_, OpenPipelinePorts(runtime_, roles_));
    subscriptions_ = SubscriptionsOf(config_, roles_);
    if (roles_.contains(Role::kAgent)) SESHAT_TRY(OpenAgent());
    if (roles_.contains(Role::kProcess)) SESHAT_TRY(OpenProcessing());
    if (roles_.contains(Role::kIndex)) OpenIndexing();
    SESHAT_ASSIGN(http_, ServePipelineStatus(config_, foundation_, ports_, subscriptions_));
    return Announce();
  }

  void Start(std::stop_token stop) override {
    const auto run = [&](auto body) { threads_.emplace_back([body, stop] { body(stop); }); };
    if (agent_) run([this](std::stop_token s) { agent_->Run(std::move(s)); });
    if (processing_) {
      run([this](std::stop_token s) { processing_->RunPlanner(std::move(s)); });
      for (uint64_t i = 0; i < std::max<uint64_t>(1, config_.Number("processing.workers")); ++i)
        run([this](std::stop_token s) { processing_->RunWorker(std::move(s)); });
    }
    if (indexing_) {
      for (uint64_t i = 0; i < std::max<uint64_t>(1, config_.Number("indexing.workers")); ++i)
        run([this](std::stop_token s) { indexing_->Run(std::move(s)); });
    }
  }

  void Join() override { threads_.clear(); }

  std::string metrics_address() const override { return http_ ? http_->address() : ""; }
  MetadataStore* index() override { return ports_.index.get(); }
  MigrationJournal* journal() override { return ports_.journal.get(); }

  Result<operations::PipelineState> State() override {
    return operations::LookAtPipeline({.journal = ports_.journal.get(),
                                       .bus = *ports_.bus,
                                       .sources = config_.Names("sources"),
                                       .subscriptions = subscriptions_,
                                       .since = began_});
  }

 private:
  Status OpenAgent() {
    SESHAT_ASSIGN(std::vector<migration::Source> sources, SourcesOf(config_));
    const migration::Ports ports{*ports_.write_only_store, *ports_.bus,         *ports_.journal,
                                 *foundation_.clock,       *foundation_.random, *foundation_.logger,
                                 *foundation_.metrics,     *foundation_.tracer};
    SESHAT_ASSIGN(agent_, migration::MigrationService::Make(std::move(sources), ports, MigrationOptionsOf(config_)));
    return {};
  }

  Status OpenProcessing() {
    SESHAT_ASSIGN(std::vector<processing::ProcessorSpec> processors, ProcessorsOf(config_));
    if (processors.empty()) {
      foundation_.logger->Info("no processor is configured: files are stored and not processed");
      return {};
    }
    process_runner::ProcessRunnerOptions options;
    if (config_.Text("processing.isolation") == "none") options.isolation = process_runner::ProcessIsolation::kNone;
    SESHAT_ASSIGN(runner_, process_runner::MakeProcessRunner(options));
    SESHAT_ASSIGN(scratch_,
                  scratch_directory::MakeScratchDirectory(StateDirectory(config_) / "work", *foundation_.random));
    const processing::ProcessingPorts ports{*ports_.store,       *ports_.bus,          *runner_,
                                            *scratch_,           *foundation_.clock,   *foundation_.random,
                                            *foundation_.logger, *foundation_.metrics, *foundation_.tracer};
    processing::ProcessingOptions processing;
    processing.processors = std::move(processors);
    processing.worker_id = fmt::format("{}/{}", HostName(config_), ::getpid());
    SESHAT_ASSIGN(processing_, processing::MakeProcessingService(ports, std::move(processing)));
    return {};
  }

  void OpenIndexing() {
    const indexing::IndexingPorts ports{*ports_.store,        *ports_.bus,         *ports_.index,
                                        *foundation_.clock,   *foundation_.random, *foundation_.logger,
                                        *foundation_.metrics, *foundation_.tracer};
    indexing_ = indexing::MakeIndexingService(ports);
  }

  Status Announce() {
    RunningProcess process;
    process.pid = ::getpid();
    for (const Role role : roles_) process.roles.emplace_back(RoleName(role));
    process.host = HostName(config_);
    process.metrics_address = metrics_address();
    process.started_at = began_;
    SESHAT_ASSIGN(mark_, AnnounceRunning(StateDirectory(config_), process));
    return {};
  }

  Runtime& runtime_;
  const Config& config_;
  const Foundation& foundation_;
  const std::set<Role> roles_;
  Timestamp began_{};
  PipelinePorts ports_;
  std::vector<std::string> subscriptions_;
  std::unique_ptr<ProcessorRunner> runner_;
  std::unique_ptr<Scratch> scratch_;
  std::unique_ptr<migration::MigrationService> agent_;
  std::unique_ptr<processing::ProcessingService> processing_;
  std::unique_ptr<indexing::IndexingService> indexing_;
  std::unique_ptr<http_server::HttpServer> http_;
  std::unique_ptr<RunningMark> mark_;
  std::vector<std::jthread> threads_;
};

}  // namespace

Result<std::unique_ptr<Pipeline>> MakePipeline(Runtime& runtime, const std::set<Role>& roles) {
  auto pipeline = std::make_unique<PipelineImpl>(runtime, roles);
  SESHAT_TRY(pipeline->Open());
  return pipeline;
}

}  // namespace seshat::composition
