#include "services/indexing/indexing_handler.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ports/span_names.h"
#include "services/consuming/delivery_span.h"
#include "services/indexing/document_batch.h"
#include "services/indexing/indexed_event.h"
#include "services/indexing/session_events.h"

namespace seshat::indexing {
namespace {

using consuming::Turn;
using consuming::Verdict;

constexpr MetricSpec kFailures{
    MetricSpec::Kind::kCounter, "seshat_indexing_failures_total",
    "Deliveries that could not be indexed and will come again or are dead letters, by error."};
constexpr MetricSpec kBatchSeconds{MetricSpec::Kind::kHistogram, "seshat_indexing_batch_seconds",
                                   "Time from receiving a batch of events to the last verdict on it."};

// One batch, from its deliveries to their verdicts.
class Round {
 public:
  Round(const IndexingPorts& ports, const IndexingOptions& options, std::span<const Delivery> deliveries,
        const Turn& turn)
      : ports_(ports),
        options_(options),
        deliveries_(deliveries),
        turn_(turn),
        documents_(options.batch_bytes),
        // Whoever gets no verdict has not had its turn when the process was stopped.
        verdicts_(deliveries.size(), Verdict{.reason = "the indexer was stopped"}) {}

  std::vector<Verdict> Run(DocumentBuilder& builder) {
    const EventsBySession events = SortBySession(deliveries_);
    for (const UnreadableEvent& event : events.unreadable) Poisoned(event);
    for (const SessionEvents& session : events.sessions) {
      if (turn_.stop.stop_requested()) break;
      Span span = StartSpan(session);
      auto document = builder.Build(
          {.id = session.id, .expected = session.expected, .stop = turn_.stop, .keep_alive = turn_.keep_alive});
      if (document) {
        documents_.Add(*std::move(document));
        pending_.push_back({&session, std::move(span)});
        if (documents_.full()) Flush();
      } else if (document.error().code != ErrorCode::kCancelled) {
        Failed(session, span, document.error(),
               consuming::AfterError(document.error(), session.attempt, Pause(), ports_.random));
      }
    }
    Flush();
    return std::move(verdicts_);
  }

 private:
  Backoff Pause() const { return {options_.backoff_base, options_.backoff_cap}; }
  void Decide(const SessionEvents& session, const Verdict& verdict) {
    for (const size_t place : session.places) verdicts_[place] = verdict;
  }
  // A session whose document waits to be stored with others, and the span of its indexing.
  struct Pending {
    const SessionEvents* session;
    Span span;
  };
  Span StartSpan(const SessionEvents& session) const;
  void Poisoned(const UnreadableEvent& event);
  void Failed(const SessionEvents& session, Span& span, const Error& error, const Verdict& verdict);
  // Stores what is pending and announces it; then its events are done with.
  void Flush();
  // Upserts, for as long as the metadata store is away. One outcome for each document; kCancelled by `stop`.
  std::vector<Status> Store();
  bool IsAway(const std::vector<Status>& outcomes);

  const IndexingPorts& ports_;
  const IndexingOptions& options_;
  const std::span<const Delivery> deliveries_;
  const Turn& turn_;
  DocumentBatch documents_;
  std::vector<Pending> pending_;  // of documents_, in the same order
  std::vector<Verdict> verdicts_;
};

// Below the first of its events; what the others bring is a cause too.
Span Round::StartSpan(const SessionEvents& session) const {
  Span span =
      consuming::StartSpan(ports_.tracer, "index session", kIndexingSubscription, deliveries_[session.places.front()]);
  if (!span.recording()) return span;
  span.Set(span_names::kMessagingBatch, session.places.size());
  for (const size_t place : std::span(session.places).subspan(1))
    span.Link(Span::OfTraceparent(deliveries_[place].event.traceparent).context());
  return span;
}

void Round::Poisoned(const UnreadableEvent& event) {
  const Delivery& delivery = deliveries_[event.place];
  ports_.metrics.Record(kFailures, 1, {{"error", "poison"}});
  if (delivery.attempt == 1)
    ports_.logger.LogError(
        "an event that cannot be read goes to the dead letters",
        {{"event", delivery.event.id}, {"type", delivery.event.type}, {"error", event.error.ToString()}});
  verdicts_[event.place] = consuming::AfterError(event.error, delivery.attempt, Pause(), ports_.random);
}

void Round::Failed(const SessionEvents& session, Span& span, const Error& error, const Verdict& verdict) {
  span.SetError(error);
  ports_.metrics.Record(kFailures, 1, {{"error", ErrorCodeName(error.code)}});
  const std::string reason = error.ToString();
  if (session.attempt >= IndexingSubscription().max_attempts) {
    ports_.logger.LogError("a session could not be indexed: its events are dead letters", span,
                           {{"session", session.id.value()}, {"error", reason}});
  } else {
    ports_.logger.Warning("a session could not be indexed now", span,
                          {{"session", session.id.value()}, {"error", reason}, {"again_in_ms", verdict.delay.count()}});
  }
  Decide(session, verdict);
}

// A store that refuses one document in time, or has lost one answer, is not away.
bool Round::IsAway(const std::vector<Status>& outcomes) {
  const auto failed_with = [&](ErrorCode code) {
    return std::ranges::any_of(outcomes, [&](const Status& s) { return !s && s.error().code == code; });
  };
  if (failed_with(ErrorCode::kUnavailable)) return true;
  if (!failed_with(ErrorCode::kDeadlineExceeded)) return false;
  const auto status = ports_.index.GetStatus();
  return !status && status.error().retryable();
}

std::vector<Status> Round::Store() {
  const auto until = ports_.clock.SteadyNow() + options_.outage_patience;
  for (uint32_t attempt = 1;; ++attempt) {
    turn_.keep_alive();
    auto outcomes = documents_.Upsert(ports_.index);
    if (!IsAway(outcomes)) {
      if (attempt > 1) ports_.logger.Info("the metadata store is back: indexing goes on", {});
      return outcomes;
    }
    if (ports_.clock.SteadyNow() >= until) return outcomes;
    const auto& error = std::ranges::find_if(outcomes, [](const Status& s) { return !s; })->error();
    const auto pause = Backoff{options_.backoff_base, options_.lease / 3}.After(attempt, RandomUnit(ports_.random));
    if (attempt == 1)
      ports_.logger.Warning("the metadata store is away: indexing waits for it",
                            {{"error", error.ToString()}, {"documents", documents_.documents().size()}});
    const auto asked = std::min(error.retry_after.value_or(pause), options_.lease / 3);
    if (!ports_.clock.SleepFor(std::max(pause, asked), turn_.stop))
      return {outcomes.size(), Fail(ErrorCode::kCancelled, "the indexer was stopped")};
  }
}

void Round::Flush() {
  if (documents_.empty()) return;
  const auto outcomes = Store();
  std::vector<Event> announcements;
  for (size_t i = 0; i < outcomes.size(); ++i)
    if (outcomes[i])
      announcements.push_back(IndexedEvent(documents_.documents()[i], pending_[i].span, ports_.clock.Now()));
  const Status published = announcements.empty() ? Status{} : ports_.bus.Publish(announcements);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const SessionEvents& session = *pending_[i].session;
    Span& span = pending_[i].span;
    if (outcomes[i] && published) {
      CountIndexed(documents_.documents()[i], span, ports_);
      Decide(session, Verdict::Done());
      continue;
    }
    const Error& error = outcomes[i] ? published.error() : outcomes[i].error();
    if (error.code == ErrorCode::kCancelled) continue;
    // A damaged index is not the event's fault: it has the time that mending takes.
    const bool damaged = error.code == ErrorCode::kDataLoss;
    Failed(session, span, error,
           damaged ? consuming::AfterFault(error, session.attempt, Pause(), ports_.random)
                   : consuming::AfterError(error, session.attempt, Pause(), ports_.random));
  }
  documents_.Clear();
  pending_.clear();
}

}  // namespace

std::vector<Verdict> IndexingHandler::HandleBatch(std::span<const Delivery> deliveries, const Turn& turn) {
  const auto begin = ports_.clock.SteadyNow();
  auto verdicts = Round(ports_, options_, deliveries, turn).Run(builder_);
  ports_.metrics.Record(kBatchSeconds, std::chrono::duration<double>(ports_.clock.SteadyNow() - begin).count());
  return verdicts;
}

}  // namespace seshat::indexing
