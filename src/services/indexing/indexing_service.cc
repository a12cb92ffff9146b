#include "services/indexing/indexing_service.h"

#include <utility>

#include "core/records/event.h"
#include "ports/span_names.h"
#include "ports/traced.h"
#include "services/consuming/consumer.h"
#include "services/indexing/indexed_event.h"
#include "services/indexing/indexing_handler.h"
#include "services/indexing/rebuild.h"

namespace seshat::indexing {
namespace {

// With the default backoff about two hours from the first delivery to the dead letters.
constexpr uint32_t kMaxAttempts = 30;

class Service : public IndexingService {
 public:
  Service(const IndexingPorts& ports, const IndexingOptions& options)
      : ports_(ports),
        options_(options),
        builder_(ports.store, ports.logger, options_.document),
        handler_(ports_, options_, builder_),
        consumer_({ports.bus, ports.clock, ports.random, ports.logger},
                  {.subscription = std::string(kIndexingSubscription),
                   .batch = options.batch_events,
                   .receive_wait = options.receive_wait,
                   .lease = options.lease,
                   .outage = {options.backoff_base, options.backoff_cap}},
                  handler_) {}

  void Run(std::stop_token stop) override { consumer_.Run(std::move(stop)); }
  Result<size_t> IndexOnce(std::stop_token stop) override { return consumer_.RunOnce(std::move(stop)); }
  consuming::BatchHandler& handler() override { return handler_; }

  Result<SessionDocument> IndexSession(const SessionId& id, std::stop_token stop) override {
    const Timestamp begun = ports_.clock.Now();
    SESHAT_ASSIGN(auto document, builder_.Build({.id = id, .stop = std::move(stop)}));
    const auto store = [&](Span& span) -> Result<SessionDocument> {
      span.Set(span_names::kSession, id.value());
      span.Set(span_names::kRevision, document.revision);
      SESHAT_TRY(ports_.index.Upsert(std::span(&document, 1)));
      const Event event = IndexedEvent(document, span, ports_.clock.Now());
      SESHAT_TRY(ports_.bus.Publish(std::span(&event, 1)));
      CountIndexed(document, span, ports_);
      return std::move(document);
    };
    // Its trace is known when it is built.
    return Traced(ports_.tracer.Continue("index session", document.traceparent, {.start = begun}), store);
  }

  Result<ReindexProgress> Reindex(const std::function<void(const ReindexProgress&)>& progress,
                                  std::stop_token stop) override {
    return Traced(ports_.tracer.Start("rebuild index"), [&](Span& span) {
      auto rebuilt = Rebuild(ports_, options_, builder_, progress, stop);
      if (rebuilt) span.Set("seshat.sessions", rebuilt->sessions);
      return rebuilt;
    });
  }

 private:
  const IndexingPorts ports_;
  const IndexingOptions options_;
  DocumentBuilder builder_;
  IndexingHandler handler_;
  consuming::Consumer consumer_;
};

}  // namespace

SubscriptionSpec IndexingSubscription() {
  return {.name = std::string(kIndexingSubscription),
          .types = {std::string(SessionMigrated::kType), std::string(FileProcessed::kType)},
          .max_attempts = kMaxAttempts};
}

std::unique_ptr<IndexingService> MakeIndexingService(const IndexingPorts& ports, const IndexingOptions& options) {
  return std::make_unique<Service>(ports, options);
}

}  // namespace seshat::indexing
