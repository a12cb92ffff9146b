#include "app/roles.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "adapters/http_status/http_status.h"
#include "adapters/process_runner/process_runner.h"
#include "adapters/scratch_directory/scratch_directory.h"
#include "app/pipeline_state.h"
#include "ports/scratch.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::app {
namespace {

constexpr MetricSpec kReady{MetricSpec::Kind::kGauge, "seshat_subscription_ready_events",
                            "Events that wait for a consumer of a subscription."};
constexpr MetricSpec kInFlight{MetricSpec::Kind::kGauge, "seshat_subscription_in_flight_events",
                               "Events that a consumer of a subscription works on."};
constexpr MetricSpec kDead{MetricSpec::Kind::kGauge, "seshat_subscription_dead_letters",
                           "Events that were given up; see seshat dead-letters."};
constexpr MetricSpec kOldest{MetricSpec::Kind::kGauge, "seshat_subscription_oldest_seconds",
                             "Age of the oldest event that is not done."};
constexpr MetricSpec kBacklog{MetricSpec::Kind::kGauge, "seshat_source_backlog_bytes",
                              "Bytes at a source that are not stored yet."};
constexpr MetricSpec kInfo{MetricSpec::Kind::kGauge, "seshat_info", "Always 1; the labels say what runs."};

struct Endpoint {
  std::string address;
  uint16_t port = 0;
};

Result<Endpoint> ParseEndpoint(const std::string& text) {
  const size_t colon = text.rfind(':');
  Endpoint endpoint;
  if (colon != std::string::npos) {
    endpoint.address = text.substr(0, colon);
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (endpoint.address.starts_with('[') && endpoint.address.ends_with(']'))
      endpoint.address = endpoint.address.substr(1, endpoint.address.size() - 2);
    if (error == std::errc() && stopped == end && !endpoint.address.empty()) return endpoint;
  }
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("observability.metrics: '{}' is no address:port (like 127.0.0.1:9464) and not \"off\"",
                  text));
}

class PipelineImpl : public Pipeline {
 public:
  PipelineImpl(const Config& config, const Foundation& foundation, std::set<Role> roles)
      : config_(config), foundation_(foundation), roles_(std::move(roles)) {}

  ~PipelineImpl() override {
    // Its requests ask the ports below, so it goes first.
    http_.reset();
  }

  Status Open() {
    began_ = foundation_.clock->Now();
    SESHAT_ASSIGN(bus_, OpenEventBus(config_, foundation_));
    SESHAT_ASSIGN(store_, OpenBlobStore(config_, foundation_, BlobAccess::kReadWrite));
    SESHAT_ASSIGN(index_, OpenMetadataStore(config_, foundation_));
    if (roles_.contains(Role::kAgent)) SESHAT_TRY(OpenAgent());
    if (roles_.contains(Role::kProcess)) SESHAT_TRY(OpenProcessing());
    if (roles_.contains(Role::kIndex)) OpenIndexing();
    SESHAT_TRY(OpenStatus());
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
  BlobStore& store() override { return *store_; }
  MetadataStore& index() override { return *index_; }

  Result<PipelineState> State() override {
    return LookAtPipeline({.journal = journal_.get(),
                           .bus = *bus_,
                           .sources = config_.Names("sources"),
                           .subscriptions = OwnSubscriptions(),
                           .since = began_});
  }

 private:
  Status OpenAgent() {
    SESHAT_ASSIGN(write_only_store_, OpenBlobStore(config_, foundation_, BlobAccess::kWriteOnly));
    auto journal = OpenJournal(config_, foundation_, false);
    if (!journal)
      return std::unexpected(std::move(journal.error()).WithContext("opening the agent's journal"));
    journal_ = std::move(*journal);
    SESHAT_ASSIGN(std::vector<migration::Source> sources, SourcesOf(config_));
    const migration::Ports ports{
        *write_only_store_,  *bus_, *journal_, *foundation_.clock, *foundation_.random, *foundation_.logger,
        *foundation_.metrics};
    SESHAT_ASSIGN(agent_,
                  migration::MigrationService::Make(std::move(sources), ports, MigrationOptionsOf(config_)));
    return {};
  }

  Status OpenProcessing() {
    SESHAT_ASSIGN(std::vector<ProcessorSpec> processors, ProcessorsOf(config_));
    if (processors.empty()) {
      foundation_.logger->Info("no processor is configured: files are stored and not processed");
      return {};
    }
    ProcessRunnerOptions options;
    if (config_.Text("processing.isolation") == "none") options.isolation = ProcessIsolation::kNone;
    SESHAT_ASSIGN(runner_, MakeProcessRunner(options));
    SESHAT_ASSIGN(scratch_, MakeScratchDirectory(StateDirectory(config_) / "work", *foundation_.random));
    const ProcessingPorts ports{*store_,
                                *bus_,
                                *runner_,
                                *scratch_,
                                *foundation_.clock,
                                *foundation_.random,
                                *foundation_.logger,
                                *foundation_.metrics};
    ProcessingOptions processing;
    processing.processors = std::move(processors);
    processing.worker_id = fmt::format("{}/{}", HostName(config_), ::getpid());
    SESHAT_ASSIGN(processing_, MakeProcessingService(ports, std::move(processing)));
    return {};
  }

  void OpenIndexing() {
    const IndexingPorts ports{*store_,
                              *bus_,
                              *index_,
                              *foundation_.clock,
                              *foundation_.random,
                              *foundation_.logger,
                              *foundation_.metrics};
    indexing_ = MakeIndexingService(ports);
  }

  Status OpenStatus() {
    const std::string& text = config_.Text("observability.metrics");
    if (text == "off") return {};
    SESHAT_ASSIGN(const Endpoint endpoint, ParseEndpoint(text));
    SESHAT_ASSIGN(http_, MakeHttpStatus({.address = endpoint.address,
                                         .port = endpoint.port,
                                         .metrics = [this] { return Metrics(); },
                                         .ready = [this] { return Ready(); }}));
    return {};
  }

  std::vector<std::string> OwnSubscriptions() const {
    std::vector<std::string> own;
    for (const std::string& name : SubscriptionNames(config_)) {
      const Role role = name == kIndexingSubscription ? Role::kIndex : Role::kProcess;
      if (roles_.contains(role)) own.push_back(name);
    }
    return own;
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

  std::string Metrics() {
    auto& metrics = *foundation_.metrics;
    metrics.Record(kInfo, 1, {{"version", SESHAT_VERSION}});
    for (const std::string& name : SubscriptionNames(config_)) {
      const auto stats = bus_->Stats(name);
      if (!stats) continue;
      metrics.Record(kReady, static_cast<double>(stats->ready), {{"subscription", name}});
      metrics.Record(kInFlight, static_cast<double>(stats->in_flight), {{"subscription", name}});
      metrics.Record(kDead, static_cast<double>(stats->dead), {{"subscription", name}});
      const auto oldest = stats->oldest_age.value_or(std::chrono::milliseconds(0));
      metrics.Record(kOldest, std::chrono::duration<double>(oldest).count(), {{"subscription", name}});
    }
    for (const std::string& source : journal_ ? config_.Names("sources") : std::vector<std::string>{}) {
      if (const auto counts = journal_->Count(source))
        metrics.Record(kBacklog, static_cast<double>(counts->backlog_bytes), {{"source", source}});
    }
    return metrics.Expose();
  }

  Status Ready() {
    auto bus = bus_->Stats(SubscriptionNames(config_).front());
    if (!bus) return std::unexpected(std::move(bus.error()).WithContext("the event bus"));
    auto index = index_->Search({.query = {MatchAll{}}, .limit = 0});
    if (!index) return std::unexpected(std::move(index.error()).WithContext("the search index"));
    SESHAT_ASSIGN(const BlobKey probe, BlobKey::Parse("probe/readyz"));
    auto stat = store_->Stat(probe);
    if (stat || stat.error().code == ErrorCode::kNotFound) return {};
    return std::unexpected(std::move(stat.error()).WithContext("the blob store"));
  }

  const Config& config_;
  const Foundation& foundation_;
  const std::set<Role> roles_;
  Timestamp began_{};
  std::unique_ptr<EventBus> bus_;
  std::unique_ptr<BlobStore> store_;
  std::unique_ptr<BlobStore> write_only_store_;
  std::unique_ptr<MetadataStore> index_;
  std::unique_ptr<MigrationJournal> journal_;
  std::unique_ptr<ProcessorRunner> runner_;
  std::unique_ptr<Scratch> scratch_;
  std::unique_ptr<migration::MigrationService> agent_;
  std::unique_ptr<ProcessingService> processing_;
  std::unique_ptr<IndexingService> indexing_;
  std::unique_ptr<HttpStatus> http_;
  std::unique_ptr<RunningMark> mark_;
  std::vector<std::jthread> threads_;
};

}  // namespace

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

Result<std::unique_ptr<Pipeline>> MakePipeline(const Config& config, const Foundation& foundation,
                                               const std::set<Role>& roles) {
  auto pipeline = std::make_unique<PipelineImpl>(config, foundation, roles);
  SESHAT_TRY(pipeline->Open());
  return pipeline;
}

}  // namespace seshat::app
