// The composition root: the one place that knows which adapter stands behind which port, and which decorators
// lie over it.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "composition/aws_access.h"
#include "composition/config/config.h"
#include "core/base/error.h"
#include "ports/blob_store.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "ports/metadata_store.h"
#include "ports/metrics.h"
#include "ports/migration_journal.h"
#include "ports/random.h"
#include "ports/tracer.h"
#include "services/migration/migration_service.h"
#include "services/processing/processor_spec.h"

namespace seshat::composition {

// What everything else is built on. Outlives all ports.
struct Foundation {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Random> random;
  std::unique_ptr<Logger> logger;
  std::unique_ptr<Metrics> metrics;
  std::function<std::string()> metrics_text;  // all that was recorded so far, as /metrics answers it
  std::unique_ptr<Tracer> tracer;
  std::unique_ptr<LazyAws> aws;
};

// Where log lines go.
struct LogSink {
  FILE* file = stderr;
  bool color = false;
};

// `config` must outlive it.
Result<Foundation> MakeFoundation(const Config& config, const LogSink& sink, const Environment& environment);

// The machine's own, for what needs nothing else.
std::unique_ptr<Clock> MakeClock();

// Each opens what its URL in the configuration chooses (adapter_table.h), metered. kInvalidArgument for a scheme
// that there is no adapter for.
Result<std::unique_ptr<BlobStore>> OpenBlobStore(const Config& config, const Foundation& foundation, BlobAccess access);
// With the subscriptions of every role in place, so that nothing published is ever lost.
Result<std::unique_ptr<EventBus>> OpenEventBus(const Config& config, const Foundation& foundation);
Result<std::unique_ptr<MetadataStore>> OpenMetadataStore(const Config& config, const Foundation& foundation);
// kNotFound when reading where no agent has run yet.
Result<std::unique_ptr<MigrationJournal>> OpenJournal(const Config& config, const Foundation& foundation,
                                                      bool read_only);

// kInvalidArgument naming the setting.
Result<std::vector<processing::ProcessorSpec>> ProcessorsOf(const Config& config);
Result<std::vector<migration::Source>> SourcesOf(const Config& config);
migration::Options MigrationOptionsOf(const Config& config);

// The names of all subscriptions of this configuration, in the order in which a session passes them.
std::vector<std::string> SubscriptionNames(const Config& config);

// agent.host, or this machine's name.
std::string HostName(const Config& config);
std::filesystem::path StateDirectory(const Config& config);

}  // namespace seshat::composition
