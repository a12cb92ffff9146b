#include "services/processing/planner.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/backoff.h"
#include "core/records/keys.h"
#include "ports/span_names.h"
#include "services/consuming/delivery_span.h"
#include "services/processing/event_ids.h"
#include "services/processing/manifest_cache.h"
#include "services/processing/result_names.h"

namespace seshat::processing {
namespace {

constexpr MetricSpec kRequested{MetricSpec::Kind::kCounter, "seshat_processing_requested_total",
                                "files handed to processors"};
constexpr size_t kPublishAtOnce = 100;

bool WantsAny(const Manifest& manifest, const ProcessorSpec& spec) {
  for (const ManifestFile& file : manifest.files)
    if (spec.Wants(manifest, file)) return true;
  return false;
}

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
  std::string bytes;
  SESHAT_ASSIGN(const Manifest manifest, ReadManifest(ports_.store, migrated.manifest_key, &bytes));
  if (Sha256::Of(AsBytes(bytes)) != migrated.manifest_sha256 || manifest.session_id != migrated.session_id) {
    return Fail(ErrorCode::kDataLoss,
                fmt::format("the manifest {} is not the one that was announced", migrated.manifest_key));
  }
  for (const ProcessorSpec& spec : options_.processors)
    SESHAT_TRY(PlanProcessor(event, span, manifest, migrated.manifest_key, spec, stop));
  return {};
}

Status Planner::PlanProcessor(const Event& cause, const Span& span, const Manifest& manifest,
                              const std::string& manifest_key, const ProcessorSpec& spec, const std::stop_token& stop) {
  if (!WantsAny(manifest, spec)) return {};
  SESHAT_ASSIGN(const SessionId id, SessionId::Parse(manifest.session_id));
  SESHAT_ASSIGN(const auto done, Receipts(manifest, spec, stop));
  std::vector<Event> batch;
  const auto flush = [&]() -> Status {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the planner is stopping");
    if (batch.empty()) return {};
    SESHAT_TRY(ports_.bus.Publish(batch));
    ports_.metrics.Record(kRequested, static_cast<double>(batch.size()), {{"processor", spec.name}});
    batch.clear();
    return {};
  };
  for (const ManifestFile& file : manifest.files) {
    if (!spec.Wants(manifest, file)) continue;
    SESHAT_ASSIGN(const BlobKey raw_key, BlobKey::Parse(file.key));
    if (done.contains(ReceiptKey(keys::ResultPrefix(id, spec.name, spec.version, raw_key)).value())) continue;
    SESHAT_ASSIGN(Event event, Request(cause, span,
                                       {.session_id = manifest.session_id,
                                        .revision = manifest.revision,
                                        .manifest_key = manifest_key,
                                        .path = file.path,
                                        .raw_key = file.key,
                                        .size = file.size,
                                        .sha256 = file.sha256,
                                        .processor = spec.name,
                                        .version = spec.version}));
    batch.push_back(std::move(event));
    if (batch.size() == kPublishAtOnce) SESHAT_TRY(flush());
  }
  return flush();
}

Result<std::unordered_set<std::string>> Planner::Receipts(const Manifest& manifest, const ProcessorSpec& spec,
                                                          const std::stop_token& stop) {
  std::unordered_set<std::string> receipts;
  SESHAT_ASSIGN(const SessionId id, SessionId::Parse(manifest.session_id));
  ListOptions options{.prefix = keys::ProcessedPrefix(id) + spec.FullName() + "/"};
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the planner is stopping");
    SESHAT_ASSIGN(ListPage page, ports_.store.List(options));
    for (BlobInfo& blob : page.blobs)
      if (blob.key.ends_with("/receipt.json")) receipts.insert(std::move(blob.key));
    options.start_after = std::move(page.next_start_after);
  } while (!options.start_after.empty());
  return receipts;
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
