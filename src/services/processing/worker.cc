#include "services/processing/worker.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/backoff.h"
#include "core/base/utf8.h"
#include "core/records/keys.h"
#include "ports/span_names.h"
#include "services/consuming/delivery_span.h"
#include "services/processing/event_ids.h"

namespace seshat::processing {
namespace {

constexpr MetricSpec kFiles{MetricSpec::Kind::kCounter, "seshat_processing_files_total",
                            "files whose processing came to an end"};
constexpr size_t kLogTailBytes = 4096;

// Replacing invalid bytes makes a text longer, and a record's log is limited.
std::string RecordLog(const std::string& raw) {
  std::string text = ReplaceInvalidUtf8(raw);
  if (text.size() <= kLogTailBytes) return text;
  text.erase(0, text.size() - kLogTailBytes);
  size_t begin = 0;
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U) ++begin;
  return text.substr(begin);
}

}  // namespace

const ProcessorSpec* Worker::FindSpec(const FileProcessingRequested& request) const {
  for (const ProcessorSpec& spec : options_.processors)
    if (spec.name == request.processor && spec.version == request.version) return &spec;
  return nullptr;
}

consuming::Verdict Worker::Handle(const Delivery& delivery, const consuming::Turn& turn) {
  Span span = consuming::StartSpan(ports_.tracer, "process file", kProcessingFilesSubscription, delivery);
  Result<Verdict> verdict = Decide(delivery, span, turn.stop);
  if (verdict) {
    // The processor failed, or had failed before.
    if (!verdict->done) span.SetError({ErrorCode::kInvalidArgument, verdict->reason});
    return *std::move(verdict);
  }
  span.SetError(verdict.error());
  const Backoff pause{options_.fault_backoff_base, options_.fault_backoff_cap, 4};
  Verdict again = consuming::AfterError(verdict.error(), delivery.attempt, pause, ports_.random);
  ports_.logger.Warning("a file could not be processed now", span,
                        {{"session", delivery.event.subject}, {"error", again.reason}, {"attempt", delivery.attempt}});
  return again;
}

Result<Worker::Verdict> Worker::Decide(const Delivery& delivery, Span& span, const std::stop_token& stop) {
  SESHAT_ASSIGN(const auto request, FileProcessingRequested::FromData(delivery.event.data));
  span.Set(span_names::kRevision, request.revision);
  span.Set(span_names::kFilePath, request.path);
  span.Set(span_names::kFileSize, request.size);
  span.Set(span_names::kProcessor, request.processor);
  span.Set(span_names::kProcessorVersion, request.version);
  SESHAT_ASSIGN(const SessionId id, SessionId::Parse(request.session_id));
  SESHAT_ASSIGN(const BlobKey raw_key, BlobKey::Parse(request.raw_key));
  SESHAT_TRY(records::CheckName("processor", request.processor));
  SESHAT_TRY(records::CheckName("processor version", request.version));
  ResultStore results(ports_.store, keys::ResultPrefix(id, request.processor, request.version, raw_key));

  SESHAT_ASSIGN(const bool done, results.HasReceipt());
  if (done) {
    SESHAT_TRY(Announce(span, request, results.receipt_key(), ProcessingOutcome::kSucceeded));
    return Verdict::Done();
  }
  const ProcessorSpec* spec = FindSpec(request);
  if (spec == nullptr || delivery.attempt > spec->max_attempts) {
    SESHAT_ASSIGN(const auto found, results.LastFailure());
    if (found) return AfterGivingUp(delivery, span, request, *found);
  }
  if (delivery.attempt >= deliveries_) {
    const std::string reason = spec == nullptr
                                   ? fmt::format("no worker has a processor {}-{}", request.processor, request.version)
                                   : fmt::format("no worker finished it in {} deliveries", delivery.attempt - 1);
    return GiveUp(delivery, span, request, results, reason, "");
  }
  if (spec == nullptr) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("this worker has no processor {}-{}: configure it", request.processor, request.version));
  }
  FileAttempt attempt(ports_, options_, manifests_, request, *spec, results);
  const auto outcome = attempt.Run(span, stop);
  if (!outcome) return Judge(delivery, span, request, *spec, results, outcome.error());
  ports_.metrics.Record(kFiles, 1, {{"processor", spec->name}, {"outcome", "succeeded"}});
  SESHAT_TRY(Announce(span, request, results.receipt_key(), ProcessingOutcome::kSucceeded));
  return Verdict::Done();
}

Result<Worker::Verdict> Worker::Judge(const Delivery& delivery, const Span& span,
                                      const FileProcessingRequested& request, const ProcessorSpec& spec,
                                      ResultStore& results, const AttemptFailure& failure) {
  const std::string& reason = failure.error.message;
  if (!failure.of_the_run) {
    // The last delivery is kept for requests whose workers were killed, which cannot say why.
    if (delivery.attempt + 1 >= deliveries_ && failure.error.code != ErrorCode::kCancelled)
      return GiveUp(delivery, span, request, results, reason, failure.log_tail);
    return std::unexpected(failure.error);
  }
  if (delivery.attempt >= spec.max_attempts) return GiveUp(delivery, span, request, results, reason, failure.log_tail);
  ports_.logger.Warning("a processor failed and will be tried again", span,
                        {{"session", request.session_id},
                         {"path", request.path},
                         {"processor", spec.FullName()},
                         {"error", reason},
                         {"attempt", delivery.attempt}});
  return Verdict{
      .delay = Backoff{options_.backoff_base, options_.backoff_cap}.After(delivery.attempt, RandomUnit(ports_.random)),
      .reason = reason};
}

Result<Worker::Verdict> Worker::GiveUp(const Delivery& delivery, const Span& span,
                                       const FileProcessingRequested& request, ResultStore& results,
                                       const std::string& reason, const std::string& log_tail) {
  SESHAT_ASSIGN(const BlobKey key, results.PutFailure({.session_id = request.session_id,
                                                       .path = request.path,
                                                       .raw_key = request.raw_key,
                                                       .processor = request.processor,
                                                       .version = request.version,
                                                       .reason = ReplaceInvalidUtf8(reason),
                                                       .log_tail = RecordLog(log_tail),
                                                       .attempts = delivery.attempt,
                                                       .failed_at = ports_.clock.Now()}));
  ports_.metrics.Record(kFiles, 1, {{"processor", request.processor}, {"outcome", "failed"}});
  ports_.logger.LogError(
      "a file could not be processed: see the dead-letter list", span,
      {{"session", request.session_id}, {"path", request.path}, {"processor", request.processor}, {"error", reason}});
  SESHAT_TRY(Announce(span, request, key, ProcessingOutcome::kFailed));
  return Verdict{.reason = reason};  // at once, until the bus makes it a dead letter
}

Result<Worker::Verdict> Worker::AfterGivingUp(const Delivery& delivery, const Span& span,
                                              const FileProcessingRequested& request, const FoundFailure& found) {
  // GiveUp has announced it, unless the worker was killed between the two: once more, the last time round.
  if (delivery.attempt >= deliveries_) SESHAT_TRY(Announce(span, request, found.key, ProcessingOutcome::kFailed));
  return Verdict{.reason = found.failure.reason};
}

Status Worker::Announce(const Span& span, const FileProcessingRequested& request, const BlobKey& record,
                        ProcessingOutcome outcome) {
  const FileProcessed processed{.session_id = request.session_id,
                                .path = request.path,
                                .processor = request.processor,
                                .version = request.version,
                                .receipt_key = record.value(),
                                .outcome = outcome};
  const Event event{.id = EventIdOf({FileProcessed::kType, record.value(), records::ProcessingOutcomeName(outcome)}),
                    .type = std::string(FileProcessed::kType),
                    .source = "seshat/processing",
                    .subject = request.session_id,
                    .time = ports_.clock.Now(),
                    .traceparent = span.traceparent(),
                    .data = processed.ToData()};
  return ports_.bus.Publish({&event, 1});
}

}  // namespace seshat::processing
