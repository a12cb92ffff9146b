#include "services/indexing/indexing_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/backoff.h"
#include "core/digest/sha256.h"
#include "core/records/event.h"
#include "services/indexing/document_batch.h"
#include "services/indexing/event_batch.h"
#include "services/indexing/rebuild.h"

namespace seshat::indexing {
namespace {

// With the default backoff about two hours from the first delivery to the dead letters.
constexpr uint32_t kMaxAttempts = 30;

constexpr MetricSpec kIndexed{MetricSpec::Kind::kCounter, "seshat_indexed_sessions_total",
                              "Documents built and stored, by the state of the session's metadata."};
constexpr MetricSpec kBatchSeconds{MetricSpec::Kind::kHistogram, "seshat_indexing_batch_seconds",
                                   "Time from receiving a batch of events to its last acknowledgement."};

// One id for one document, however often it is announced.
Event IndexedEvent(const SessionDocument& document, Timestamp now) {
  const std::string fact = document.session_id + '\n' + std::to_string(document.version);
  return {.id = "indexed-" + Sha256::Of(AsBytes(fact)).ToHex().substr(0, 32),
          .type = std::string(SessionIndexed::kType),
          .source = "seshat/indexing",
          .subject = document.session_id,
          .time = now,
          .traceparent = document.traceparent,
          .data = SessionIndexed{document.session_id, document.revision}.ToData()};
}

class Service : public IndexingService {
 public:
  Service(const IndexingPorts& ports, const IndexingOptions& options)
      : ports_(ports), options_(options), builder_(ports.store, ports.logger, options_.document) {}

  void Run(std::stop_token stop) override;
  Result<size_t> IndexOnce(std::stop_token stop) override;
  Result<SessionDocument> IndexSession(const SessionId& id, std::stop_token stop) override;
  Result<ReindexProgress> Reindex(const std::function<void(const ReindexProgress&)>& progress,
                                  std::stop_token stop) override {
    return Rebuild(ports_, options_, builder_, progress, stop);
  }

 private:
  // Stores what is pending and announces it; then its events are done with.
  void Flush(EventBatch& events, DocumentBatch& documents, std::vector<const SessionEvents*>& pending,
             const std::stop_token& stop);
  // Upserts, for as long as the metadata store is away. One outcome for each document; kCancelled by `stop`.
  std::vector<Status> Store(EventBatch& events, const DocumentBatch& documents, const std::stop_token& stop);
  bool IsAway(const std::vector<Status>& outcomes);
  void Count(const SessionDocument& document) {
    ports_.metrics.Record(kIndexed, 1, {{"metadata", document.metadata_state}});
    ports_.logger.Info("indexed", {{"session", document.session_id},
                                   {"revision", document.revision},
                                   {"metadata", document.metadata_state},
                                   {"traceparent", document.traceparent}});
  }

  const IndexingPorts ports_;
  const IndexingOptions options_;
  DocumentBuilder builder_;
};

void Service::Run(std::stop_token stop) {
  uint32_t failures = 0;
  while (!stop.stop_requested()) {
    const auto handled = IndexOnce(stop);
    if (handled) {
      failures = 0;
      continue;
    }
    const auto pause =
        Backoff{options_.backoff_base, options_.backoff_cap}.After(++failures, RandomUnit(ports_.random));
    ports_.logger.Warning("the event bus cannot be read now",
                          {{"error", handled.error().ToString()}, {"again_in_ms", pause.count()}});
    if (!ports_.clock.SleepFor(pause, stop)) return;
  }
}

Result<size_t> Service::IndexOnce(std::stop_token stop) {
  const ReceiveOptions receive{
      .max_events = options_.batch_events, .wait = options_.receive_wait, .lease = options_.lease};
  SESHAT_ASSIGN(const auto deliveries, ports_.bus.Receive(kIndexingSubscription, receive, stop));
  const size_t received = deliveries.size();
  if (received == 0) return received;
  const auto begin = ports_.clock.SteadyNow();

  EventBatch events(ports_, options_);
  events.Take(deliveries);
  DocumentBatch documents(options_.batch_bytes);
  std::vector<const SessionEvents*> pending;
  for (const auto& session : events.sessions()) {
    if (stop.stop_requested()) {
      events.GiveBack(session);
      continue;
    }
    auto document = builder_.Build(
        {.id = session.id, .expected = session.expected, .stop = stop, .keep_alive = [&] { events.KeepAlive(); }});
    if (document) {
      documents.Add(*std::move(document));
      pending.push_back(&session);
      if (documents.full()) Flush(events, documents, pending, stop);
    } else if (document.error().code == ErrorCode::kCancelled) {
      events.GiveBack(session);
    } else {
      events.Failed(session, document.error());
    }
  }
  Flush(events, documents, pending, stop);
  ports_.metrics.Record(kBatchSeconds, std::chrono::duration<double>(ports_.clock.SteadyNow() - begin).count());
  return received;
}

// A store that refuses one document in time, or has lost one answer, is not away.
bool Service::IsAway(const std::vector<Status>& outcomes) {
  const auto failed_with = [&](ErrorCode code) {
    return std::ranges::any_of(outcomes, [&](const Status& s) { return !s && s.error().code == code; });
  };
  if (failed_with(ErrorCode::kUnavailable)) return true;
  if (!failed_with(ErrorCode::kDeadlineExceeded)) return false;
  const auto status = ports_.index.GetStatus();
  return !status && status.error().retryable();
}

std::vector<Status> Service::Store(EventBatch& events, const DocumentBatch& documents, const std::stop_token& stop) {
  const auto until = ports_.clock.SteadyNow() + options_.outage_patience;
  for (uint32_t attempt = 1;; ++attempt) {
    events.KeepAlive();
    auto outcomes = documents.Upsert(ports_.index);
    if (!IsAway(outcomes)) {
      if (attempt > 1) ports_.logger.Info("the metadata store is back: indexing goes on", {});
      return outcomes;
    }
    if (ports_.clock.SteadyNow() >= until) return outcomes;
    const auto& error = std::ranges::find_if(outcomes, [](const Status& s) { return !s; })->error();
    const auto pause = Backoff{options_.backoff_base, options_.lease / 3}.After(attempt, RandomUnit(ports_.random));
    if (attempt == 1)
      ports_.logger.Warning("the metadata store is away: indexing waits for it",
                            {{"error", error.ToString()}, {"documents", documents.documents().size()}});
    if (!ports_.clock.SleepFor(std::max(pause, std::min(error.retry_after.value_or(pause), options_.lease / 3)), stop))
      return {outcomes.size(), Fail(ErrorCode::kCancelled, "the indexer was stopped")};
  }
}

void Service::Flush(EventBatch& events, DocumentBatch& documents, std::vector<const SessionEvents*>& pending,
                    const std::stop_token& stop) {
  if (documents.empty()) return;
  const auto outcomes = Store(events, documents, stop);
  std::vector<Event> announcements;
  for (size_t i = 0; i < outcomes.size(); ++i)
    if (outcomes[i]) announcements.push_back(IndexedEvent(documents.documents()[i], ports_.clock.Now()));
  const Status published = announcements.empty() ? Status{} : ports_.bus.Publish(announcements);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] && published) {
      Count(documents.documents()[i]);
      events.Succeeded(*pending[i]);
    } else if (!outcomes[i] && outcomes[i].error().code == ErrorCode::kCancelled) {
      events.GiveBack(*pending[i]);
    } else {
      events.Failed(*pending[i], outcomes[i] ? published.error() : outcomes[i].error());
    }
  }
  documents.Clear();
  pending.clear();
}

Result<SessionDocument> Service::IndexSession(const SessionId& id, std::stop_token stop) {
  SESHAT_ASSIGN(auto document, builder_.Build({.id = id, .stop = std::move(stop)}));
  SESHAT_TRY(ports_.index.Upsert(std::span(&document, 1)));
  const Event event = IndexedEvent(document, ports_.clock.Now());
  SESHAT_TRY(ports_.bus.Publish(std::span(&event, 1)));
  Count(document);
  return document;
}

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
