#include "services/indexing/event_batch.h"

#include <algorithm>
#include <utility>

#include "core/base/backoff.h"
#include "core/records/event.h"

namespace seshat::indexing {
namespace {

constexpr MetricSpec kFailures{
    MetricSpec::Kind::kCounter, "seshat_indexing_failures_total",
    "Deliveries that could not be indexed and will come again or are dead letters, by error."};

}  // namespace

EventBatch::EventBatch(const IndexingPorts& ports, const IndexingOptions& options)
    : ports_(ports), options_(options), leased_at_(ports.clock.SteadyNow()) {}

void EventBatch::Take(std::span<const Delivery> deliveries) {
  for (const auto& delivery : deliveries) {
    std::string session;
    std::optional<ExpectedManifest> expected;
    if (delivery.event.type == SessionMigrated::kType) {
      const auto event = SessionMigrated::FromData(delivery.event.data);
      if (!event) {
        Poisoned(delivery, event.error());
        continue;
      }
      session = event->session_id;
      expected = ExpectedManifest{event->revision, event->manifest_sha256};
    } else if (delivery.event.type == FileProcessed::kType) {
      const auto event = FileProcessed::FromData(delivery.event.data);
      if (!event) {
        Poisoned(delivery, event.error());
        continue;
      }
      session = event->session_id;
    } else {
      Poisoned(delivery, {ErrorCode::kInvalidArgument, "indexing knows no event of type " + delivery.event.type});
      continue;
    }
    auto id = SessionId::Parse(session);
    if (!id) {
      Poisoned(delivery, id.error());
      continue;
    }
    Add(delivery, *std::move(id), expected);
  }
}

void EventBatch::Add(const Delivery& delivery, SessionId id, std::optional<ExpectedManifest> expected) {
  auto it = std::ranges::find(sessions_, id, &SessionEvents::id);
  if (it == sessions_.end()) it = sessions_.insert(it, SessionEvents{.id = std::move(id)});
  if (expected) it->expected.push_back(*expected);
  it->handles.push_back(delivery.handle);
  it->attempt = std::max(it->attempt, delivery.attempt);
  unsettled_.push_back(delivery.handle);
}

void EventBatch::Poisoned(const Delivery& delivery, const Error& error) {
  ports_.metrics.Record(kFailures, 1, {{"error", "poison"}});
  if (delivery.attempt == 1)
    ports_.logger.LogError("an event that cannot be read goes to the dead letters",
                           {{"event", delivery.event.id}, {"type", delivery.event.type}, {"error", error.ToString()}});
  Retry(delivery.handle, std::chrono::milliseconds{0}, error.ToString());
}

void EventBatch::Retry(const std::string& handle, std::chrono::milliseconds delay, std::string_view reason) {
  const auto status = ports_.bus.Retry(kIndexingSubscription, handle, delay, reason);
  // Its lease ends by itself, and it comes again then.
  if (!status) ports_.logger.Warning("an event could not be given back", {{"error", status.error().ToString()}});
}

void EventBatch::KeepAlive() {
  const auto now = ports_.clock.SteadyNow();
  if (now - leased_at_ < options_.lease / 3) return;
  leased_at_ = now;
  for (const auto& handle : unsettled_) {
    const auto status = ports_.bus.Extend(kIndexingSubscription, handle, options_.lease);
    // Somebody else may work on it now as well, which is harmless.
    if (!status) ports_.logger.Debug("a lease was not renewed", {{"error", status.error().ToString()}});
  }
}

void EventBatch::Settle(const SessionEvents& events) {
  std::erase_if(unsettled_, [&](const std::string& handle) {
    return std::ranges::find(events.handles, handle) != events.handles.end();
  });
}

void EventBatch::Succeeded(const SessionEvents& events) {
  Settle(events);
  const auto status = ports_.bus.Acknowledge(kIndexingSubscription, events.handles);
  if (!status)
    ports_.logger.Warning("indexed, but the events will come again",
                          {{"session", events.id.value()}, {"error", status.error().ToString()}});
}

void EventBatch::Failed(const SessionEvents& events, const Error& error) {
  Settle(events);
  ports_.metrics.Record(kFailures, 1, {{"error", ErrorCodeName(error.code)}});
  const bool last = events.attempt >= IndexingSubscription().max_attempts;
  const auto delay =
      std::max(Backoff{options_.backoff_base, options_.backoff_cap}.After(events.attempt, RandomUnit(ports_.random)),
               error.retry_after.value_or(std::chrono::milliseconds{0}));
  const std::string reason = error.ToString();
  if (last) {
    ports_.logger.LogError("a session could not be indexed: its events are dead letters",
                           {{"session", events.id.value()}, {"error", reason}});
  } else {
    ports_.logger.Warning("a session could not be indexed now",
                          {{"session", events.id.value()}, {"error", reason}, {"again_in_ms", delay.count()}});
  }
  for (const auto& handle : events.handles) Retry(handle, delay, reason);
}

void EventBatch::GiveBack(const SessionEvents& events) {
  Settle(events);
  for (const auto& handle : events.handles) Retry(handle, std::chrono::milliseconds{0}, "the indexer was stopped");
}

}  // namespace seshat::indexing
