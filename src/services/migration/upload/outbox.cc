#include "services/migration/upload/outbox.h"

#include <utility>
#include <vector>

#include "core/records/event.h"
#include "ports/random.h"
#include "ports/span_names.h"
#include "services/migration/base/metric_names.h"

namespace seshat::migration {
namespace {

// One for each event, below what made it: the commit may have been long ago, in another run.
std::vector<Span> SendSpans(Tracer& tracer, const std::vector<Event>& events) {
  std::vector<Span> spans;
  if (!tracer.capabilities().keeps) return spans;
  for (const Event& event : events) {
    Span& span =
        spans.emplace_back(tracer.Continue("send " + event.type, event.traceparent, {.kind = SpanKind::kProducer}));
    span.Set(span_names::kMessagingSystem, "seshat");
    span.Set(span_names::kMessagingOperation, "send");
    span.Set(span_names::kMessagingDestination, event.type);
    span.Set(span_names::kMessagingMessageId, event.id);
    span.Set(span_names::kSession, event.subject);
  }
  return spans;
}

}  // namespace

Status PublishOutbox(const Ports& ports) {
  constexpr size_t kBatch = 100;
  while (true) {
    SESHAT_ASSIGN(const auto events, ports.journal.Outbox(kBatch));
    ports.metrics.Record(metric::kOutbox, static_cast<double>(events.size()));
    if (events.empty()) return {};
    std::vector<Span> spans = SendSpans(ports.tracer, events);
    if (auto sent = ports.bus.Publish(events); !sent) {
      for (Span& span : spans) span.SetError(sent.error());
      return std::unexpected(std::move(sent).error().WithContext("publishing SessionMigratedEvent"));
    }
    spans.clear();
    JournalChange change;
    for (const auto& event : events) change.published.push_back(event.id);
    SESHAT_TRY(ports.journal.Apply(change));
  }
}

Status SendHeartbeat(const SourceRuntime& source, const Ports& ports, const Options& options) {
  SESHAT_ASSIGN(const auto counts, ports.journal.Count(source.spec.name));
  const MetricLabels labels = {{"source", source.spec.name}};
  ports.metrics.Record(metric::kWaiting, static_cast<double>(counts.waiting), labels);
  ports.metrics.Record(metric::kBacklog, static_cast<double>(counts.uploading), labels);
  ports.metrics.Record(metric::kBacklogBytes, static_cast<double>(counts.backlog_bytes), labels);
  SourceHeartbeat data{.source = source.spec.name,
                       .host = options.host,
                       .backlog_sessions = counts.waiting + counts.uploading,
                       .backlog_bytes = counts.backlog_bytes,
                       .last_session = counts.last_session};
  if (counts.committed > 0) data.last_migrated_at = counts.last_committed_at;
  const Event event{.id = RandomId(ports.random),
                    .type = std::string(SourceHeartbeat::kType),
                    .source = "seshat/agent/" + source.spec.name,
                    .time = ports.clock.Now(),
                    .traceparent = NewTrace(ports.random).ToString(),
                    .data = data.ToData()};
  return ports.bus.Publish(std::span(&event, 1));
}

}  // namespace seshat::migration
