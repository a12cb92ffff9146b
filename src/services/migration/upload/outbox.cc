#include "services/migration/upload/outbox.h"

#include <utility>

#include "core/records/event.h"
#include "ports/random.h"
#include "services/migration/base/metric_names.h"

namespace seshat::migration {

Status PublishOutbox(const Ports& ports) {
  constexpr size_t kBatch = 100;
  while (true) {
    SESHAT_ASSIGN(const auto events, ports.journal.Outbox(kBatch));
    ports.metrics.Record(metric::kOutbox, static_cast<double>(events.size()));
    if (events.empty()) return {};
    if (auto sent = ports.bus.Publish(events); !sent)
      return std::unexpected(std::move(sent).error().WithContext("publishing SessionMigratedEvent"));
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
