#include "services/processing/file_attempt.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/utf8.h"
#include "ports/blob_transfer.h"
#include "ports/span_names.h"
#include "ports/traced.h"
#include "services/processing/compare_blob.h"

namespace seshat::processing {
namespace {

constexpr MetricSpec kRuns{MetricSpec::Kind::kCounter, "seshat_processing_runs_total",
                           "runs of processors, by how they ended"};
constexpr MetricSpec kRunSeconds{MetricSpec::Kind::kHistogram, "seshat_processing_run_seconds",
                                 "wall time of a processor's run"};
constexpr MetricSpec kOutputBytes{MetricSpec::Kind::kCounter, "seshat_processing_output_bytes_total",
                                  "bytes of post-processed data stored"};

// Ours: headers and side files, not a second session. They are fetched anew for every input.
constexpr size_t kMaxSiblings = 64;
constexpr uint64_t kMaxSiblingBytes = 256ULL << 20;

// Whether an error of a port tells of the file (it will be the same next time) or of the surroundings.
bool OfTheFile(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kDataLoss:
    case ErrorCode::kSourceChanged:
      return true;
    default:
      return false;
  }
}

std::unexpected<AttemptFailure> Because(Error error) {
  const bool of_the_run = OfTheFile(error.code);
  return std::unexpected(AttemptFailure{.of_the_run = of_the_run, .error = std::move(error)});
}

std::string_view EndName(const RunReport& report) {
  switch (report.end) {
    case RunEnd::kExited:
      return report.exit_status == 0 ? "succeeded" : "failed";
    case RunEnd::kSignalled:
      return "signalled";
    case RunEnd::kTimedOut:
      return "timed_out";
    case RunEnd::kOutOfMemory:
      return "out_of_memory";
  }
  return "failed";
}

std::string FileName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

}  // namespace

Result<std::filesystem::path> FileAttempt::Fetch(ScratchArea& area, const std::string& label, const std::string& key,
                                                 uint64_t size, const Sha256& sha256, const std::stop_token& stop) {
  SESHAT_ASSIGN(const BlobKey parsed, BlobKey::Parse(key));
  SESHAT_ASSIGN(auto file, area.CreateFile(label));
  auto got = GetOne(ports_.store, GetRequest{.key = parsed, .sink = std::move(file.sink)}, stop);
  if (!got) {
    if (got.error().code == ErrorCode::kArchived) {
      return Fail(ErrorCode::kArchived, fmt::format("'{}' is in cold storage: restore it, then redrive this request",
                                                    EscapeForTerminal(key)));
    }
    return std::unexpected(std::move(got).error().WithContext(fmt::format("reading '{}'", EscapeForTerminal(key))));
  }
  SESHAT_ASSIGN(const auto stored, area.OpenFile(label));
  SESHAT_ASSIGN(const Sha256 found, HashSource(*stored, stop));
  if (stored->size() != size || found != sha256) {
    return Fail(
        ErrorCode::kDataLoss,
        fmt::format("'{}' does not hold the bytes that its manifest names: run seshat verify", EscapeForTerminal(key)));
  }
  return file.path;
}

Result<std::vector<ProcessorSibling>> FileAttempt::FetchSiblings(ScratchArea& area, const std::stop_token& stop) {
  std::vector<ProcessorSibling> siblings;
  if (spec_.with_siblings.empty()) return siblings;
  SESHAT_ASSIGN(SessionId id, SessionId::Parse(request_.session_id));
  SESHAT_ASSIGN(BlobKey key, BlobKey::Parse(request_.manifest_key));
  const stored::ManifestRef ref{.id = std::move(id), .revision = request_.revision, .key = std::move(key)};
  SESHAT_ASSIGN(const auto manifest, manifests_.Get(ref, stop));
  SESHAT_ASSIGN(const auto input, manifest->Find(request_.path, stop));
  if (!input) return Fail(ErrorCode::kDataLoss, "the manifest does not name the file to be processed");
  uint64_t bytes = 0;
  std::vector<ManifestFile> wanted;
  const std::string_view folder = std::string_view(request_.path).substr(0, request_.path.rfind('/') + 1);
  SESHAT_TRY(manifest->ForEachFileBelow(
      folder,
      [&](const ManifestFile& other) -> Status {
        if (!spec_.WantsSibling(*input, other)) return {};
        bytes += other.size;
        if (wanted.size() == kMaxSiblings || bytes > kMaxSiblingBytes)
          return Fail(ErrorCode::kInvalidArgument,
                      fmt::format("with_siblings of processor {} matches more than {} files or {} bytes: narrow it",
                                  spec_.FullName(), kMaxSiblings, kMaxSiblingBytes));
        wanted.push_back(other);
        return {};
      },
      stop));
  for (const ManifestFile& other : wanted) {
    SESHAT_ASSIGN(auto path,
                  Fetch(area, fmt::format("sibling-{}", siblings.size()), other.key, other.size, other.sha256, stop));
    siblings.push_back({.path = std::move(path), .name = FileName(other.path)});
  }
  return siblings;
}

Result<ProcessorRun> FileAttempt::Prepare(ScratchArea& area, const std::stop_token& stop) {
  SESHAT_ASSIGN(auto input, Fetch(area, "input", request_.raw_key, request_.size, request_.sha256, stop));
  SESHAT_ASSIGN(auto siblings, FetchSiblings(area, stop));
  ProcessorRun run{.command = spec_.command,
                   .input = std::move(input),
                   .input_name = FileName(request_.path),
                   .siblings = std::move(siblings),
                   .output_directory = area.output_directory(),
                   .read_only_paths = spec_.read_only_paths,
                   .timeout = spec_.timeout,
                   .memory_bytes = spec_.memory_bytes,
                   .output_bytes = spec_.output_bytes};
  run.read_only_paths.emplace_back(spec_.command.front());
  return run;
}

Result<CollectedOutputs> FileAttempt::Collect(ScratchArea& area, const Span& span) {
  auto collected = area.CollectOutputs({.max_files = options_.max_outputs, .max_total_bytes = spec_.output_bytes});
  if (!collected) return std::unexpected(std::move(collected).error().WithContext("collecting the outputs"));
  for (const std::string& ignored : collected->ignored) {
    ports_.logger.Warning("an output is no regular file and is left out", span,
                          {{"session", request_.session_id},
                           {"path", request_.path},
                           {"processor", spec_.FullName()},
                           {"output", ignored}});
  }
  return collected;
}

void FileAttempt::Measure(const RunReport& report) const {
  ports_.metrics.Record(kRuns, 1, {{"processor", spec_.name}, {"outcome", EndName(report)}});
  ports_.metrics.Record(kRunSeconds, std::chrono::duration<double>(report.wall).count(), {{"processor", spec_.name}});
}

Result<RunReport> FileAttempt::RunProcessor(const ProcessorRun& run, Span& span, const std::stop_token& stop) {
  auto report = ports_.runner.Run(run, stop);
  if (!report) return report;
  Measure(*report);
  span.Set("seshat.run.end", EndName(*report));
  // An answer all the same: what it means for the file is for the attempt to say.
  if (!report->succeeded()) span.SetError({ErrorCode::kInvalidArgument, report->Describe()});
  return report;
}

std::expected<void, AttemptFailure> FileAttempt::Run(const Span& span, const std::stop_token& stop) {
  const Timestamp started = ports_.clock.Now();
  const auto area = ports_.scratch.Open();
  if (!area) return Because(area.error());
  const auto run = Traced(span.Child("fetch input"), [&](Span&) { return Prepare(**area, stop); });
  if (!run) return Because(run.error());
  const auto report =
      Traced(span.Child("run processor"), [&](Span& running) { return RunProcessor(*run, running, stop); });
  if (!report) return Because(report.error());
  if (!report->succeeded()) {
    return std::unexpected(AttemptFailure{
        .of_the_run = true, .error = {ErrorCode::kInvalidArgument, report->Describe()}, .log_tail = report->log_tail});
  }
  Span storing = span.Child("store outputs");
  auto stored = Store(**area, *report, started, storing, stop);
  if (!stored) storing.SetError(stored.error().error);
  return stored;
}

std::expected<void, AttemptFailure> FileAttempt::Store(ScratchArea& area, const RunReport& report, Timestamp started,
                                                       Span& span, const std::stop_token& stop) {
  const auto collected = Collect(area, span);
  if (!collected) {
    // Whatever is wrong with them, the processor made them.
    return std::unexpected(AttemptFailure{.of_the_run = true, .error = collected.error(), .log_tail = report.log_tail});
  }
  auto outputs = results_.PutOutputs(area, collected->files, RandomId(ports_.random), options_.prices, stop);
  if (!outputs) return Because(outputs.error());
  uint64_t bytes = 0;
  for (const OutputFile& output : *outputs) bytes += output.size;
  span.Set(span_names::kFiles, outputs->size());
  span.Set(span_names::kBytes, bytes);
  ports_.metrics.Record(kOutputBytes, static_cast<double>(bytes), {{"processor", spec_.name}});
  const Receipt receipt{.session_id = request_.session_id,
                        .path = request_.path,
                        .raw_key = request_.raw_key,
                        .input_sha256 = request_.sha256,
                        .processor = spec_.name,
                        .version = spec_.version,
                        .worker_id = options_.worker_id,
                        .traceparent = span.traceparent(),
                        .started_at = started,
                        .finished_at = ports_.clock.Now(),
                        .cpu_microseconds = report.cpu.count(),
                        .peak_memory_bytes = static_cast<int64_t>(report.peak_memory_bytes),
                        .outputs = *std::move(outputs)};
  const auto counts = results_.PutReceipt(receipt);
  if (!counts) return Because(counts.error());
  if (!*counts)
    ports_.logger.Debug("another worker was faster", {{"session", request_.session_id}, {"path", request_.path}});
  return {};
}

}  // namespace seshat::processing
