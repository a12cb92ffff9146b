#include "services/processing/planner.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/backoff.h"
#include "core/records/keys.h"
#include "ports/span_names.h"
#include "services/consuming/delivery_span.h"
#include "services/processing/event_ids.h"
#include "services/records/manifest_reader.h"
#include "services/records/record_reader.h"

namespace seshat::processing {
namespace {

constexpr MetricSpec kRequested{MetricSpec::Kind::kCounter, "seshat_processing_requested_total",
                                "files handed to processors"};
constexpr size_t kPublishAtOnce = 100;

}  // namespace

consuming::Verdict Planner::Handle(const Delivery& delivery, const consuming::Turn& turn) {
  Span span = consuming::StartSpan(ports_.tracer, "plan processing", kProcessingSubscription, delivery);
  const Status planned = Plan(delivery.event, span, turn.stop);
  if (planned) return consuming::Verdict::Done();
  const Backoff pause{options_.fault_backoff_base, options_.fault_backoff_cap, 4};
  auto again = consuming::AfterError(planned.error(), delivery.attempt, pause, ports_.random);
  span.SetError(planned.error());
  ports_.logger.Warning("a session could not be planned for processing", span,
                        {{"session", delivery.event.subject}, {"error", again.reason}, {"attempt", delivery.attempt}});
  return again;
}

Status Planner::Plan(const Event& event, Span& span, const std::stop_token& stop) {
  SESHAT_ASSIGN(const SessionMigrated migrated, SessionMigrated::FromData(event.data));
  span.Set(span_names::kRevision, migrated.revision);
  SESHAT_ASSIGN(SessionId id, SessionId::Parse(migrated.session_id));
  SESHAT_ASSIGN(BlobKey key, BlobKey::Parse(migrated.manifest_key));
  const stored::ManifestRef ref{
      .id = std::move(id), .revision = migrated.revision, .key = std::move(key), .sha256 = migrated.manifest_sha256};
  auto manifest = stored::ReadManifest(ports_.store, ref, stop);
  if (!manifest && manifest.error().code == ErrorCode::kDataLoss)
    return Fail(ErrorCode::kDataLoss, fmt::format("the manifest {} is not the one that was announced: {}",
                                                  migrated.manifest_key, manifest.error().message));
  if (!manifest) return std::unexpected(std::move(manifest).error());
  for (const ProcessorSpec& spec : options_.processors) SESHAT_TRY(PlanProcessor(event, span, *manifest, spec, stop));
  return {};
}

Status Planner::PlanProcessor(const Event& cause, const Span& span, const stored::StoredManifest& manifest,
                              const ProcessorSpec& spec, const std::stop_token& stop) {
  std::optional<std::set<std::string>> done;  // asked for when the first file is wanted
  std::vector<Event> batch;
  const auto flush = [&]() -> Status {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the planner is stopping");
    if (batch.empty()) return {};
    SESHAT_TRY(ports_.bus.Publish(batch));
    ports_.metrics.Record(kRequested, static_cast<double>(batch.size()), {{"processor", spec.name}});
    batch.clear();
    return {};
  };
  const auto plan = [&](const ManifestFile& file) -> Status {
    if (!spec.Wants(manifest.head(), file)) return {};
    if (!done) {
      SESHAT_ASSIGN(done, stored::ListReceipts(ports_.store, manifest.id(), spec.name, spec.version, stop));
    }
    SESHAT_ASSIGN(const BlobKey raw_key, BlobKey::Parse(file.key));
    const std::string prefix = keys::ResultPrefix(manifest.id(), spec.name, spec.version, raw_key);
    if (done->contains(keys::Receipt(prefix).value())) return {};
    SESHAT_ASSIGN(Event event, Request(cause, span,
                                       {.session_id = manifest.id().value(),
                                        .revision = manifest.revision(),
                                        .manifest_key = manifest.key().value(),
                                        .path = file.path,
                                        .raw_key = file.key,
                                        .size = file.size,
                                        .sha256 = file.sha256,
                                        .processor = spec.name,
                                        .version = spec.version}));
    batch.push_back(std::move(event));
    return batch.size() == kPublishAtOnce ? flush() : Status{};
  };
  SESHAT_TRY(manifest.ForEachFile(plan, stop));
  return flush();
}

Result<Event> Planner::Request(const Event& cause, const Span& span, const FileProcessingRequested& request) {
  return Event{
      .id = EventIdOf({FileProcessingRequested::kType, cause.id, request.raw_key, request.processor, request.version}),
      .type = std::string(FileProcessingRequested::kType),
      .source = "seshat/processing",
      .subject = request.session_id,
      .time = ports_.clock.Now(),
      .traceparent = span.traceparent(),
      .data = request.ToData()};
}

}  // namespace seshat::processing
