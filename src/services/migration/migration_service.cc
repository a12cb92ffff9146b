#include "services/migration/migration_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "services/migration/base/metric_names.h"
#include "services/migration/dry_run.h"
#include "services/migration/scan/source_runtime.h"
#include "services/migration/scan/source_scan.h"
#include "services/migration/upload/outbox.h"
#include "services/migration/upload/source_cleanup.h"
#include "services/migration/upload/upload_context.h"
#include "services/migration/upload/upload_feed.h"

namespace seshat::migration {
namespace {

// Hints may come with every file; scans keep this distance, and five times what the last one took.
constexpr std::chrono::milliseconds kLeastScanGap{200};
constexpr std::chrono::seconds kUploadPoll{1};

class Service : public MigrationService {
 public:
  Service(std::vector<std::unique_ptr<SourceRuntime>> sources, const Ports& ports, Options options)
      : sources_(std::move(sources)), ports_(ports), options_(std::move(options)) {}

  void Run(std::stop_token stop) override {
    std::vector<std::thread> scanners;
    scanners.reserve(sources_.size());
    for (const auto& source : sources_)
      scanners.emplace_back([this, &source = *source, stop] { ScanLoop(source, stop); });
    UploadLoop(stop);
    for (auto& scanner : scanners) scanner.join();
  }

  Result<ScanSummary> ScanOnce(std::string_view name, std::stop_token stop) override {
    SESHAT_ASSIGN(SourceRuntime* const source, Find(name));
    auto result = ScanSource(*source, ports_, std::move(stop));
    const Timestamp now = ports_.clock.Now();
    const auto due = result ? result->next_due : std::nullopt;
    SESHAT_TRY(SaveScanState(*source, ports_, result, source->timetable.NextScan(now, due)));
    return result;
  }

  UploadSummary UploadOnce(std::stop_token stop) override {
    UploadContext context{.ports = ports_, .options = options_, .agent_id = agent_id_, .stop = std::move(stop)};
    if (agent_id_.empty()) {
      auto id = ports_.journal.AgentId();
      if (id)
        agent_id_ = *std::move(id);
      else
        context.Halt(std::move(id).error());
    }
    if (!context.halted()) Upload(context);
    NoteTrouble(context.trouble);
    context.summary.store = std::move(context.trouble);
    return context.summary;
  }

  Status PublishHeartbeat(std::string_view name) override {
    SESHAT_ASSIGN(const SourceRuntime* const source, Find(name));
    return SendHeartbeat(*source, ports_, options_);
  }

  Status DryRun(std::string_view name, const std::function<void(const DryRunLine&)>& line,
                std::stop_token stop) override {
    if (!name.empty()) {
      SESHAT_ASSIGN(SourceRuntime* const source, Find(name));
      return DryRunSource(*source, ports_, options_, line, std::move(stop));
    }
    for (const auto& source : sources_) SESHAT_TRY(DryRunSource(*source, ports_, options_, line, stop));
    return {};
  }

 private:
  Result<SourceRuntime*> Find(std::string_view name) const {
    for (const auto& source : sources_)
      if (source->spec.name == name) return source.get();
    return Fail(ErrorCode::kNotFound, fmt::format("no source '{}' in the configuration", name));
  }

  void Upload(UploadContext& context) {
    const auto publish = [this] { NoteOutbox(PublishOutbox(ports_)); };
    publish();
    std::vector<SourceRuntime*> sources;
    for (const auto& source : sources_) sources.push_back(source.get());
    UploadFeed feed(context, sources, publish);
    while (true) {
      context.throttled.reset();
      ports_.store.PutAll(feed, context.stop);
      if (context.halted() || !context.throttled) break;
      const auto pause = std::min<std::chrono::nanoseconds>(*context.throttled, std::chrono::seconds(1));
      if (!ports_.clock.SleepFor(pause, context.stop)) break;
    }
    feed.Finish();
    for (auto* source : sources) {
      if (context.halted() || source->timetable.BlackoutEnd(ports_.clock.Now())) continue;
      if (auto cleaned = CleanSource(context, *source); !cleaned) context.Halt(std::move(cleaned).error());
    }
  }

  // Says once what keeps events in the outbox, and once that they have gone out; not at every attempt.
  void NoteOutbox(const Status& sent) {
    const auto problem = sent ? std::nullopt : std::optional(sent.error().code);
    if (problem == noted_outbox_) return;
    noted_outbox_ = problem;
    if (sent) {
      ports_.logger.Info("the events of the outbox have gone out");
    } else {
      ports_.logger.Warning("events wait in the outbox; trying again", {{"error", Problem(sent.error())}});
    }
  }

  // Says once that uploads pause, and once that they go on.
  void NoteTrouble(const Status& trouble) {
    // Being told to stop is none, and the next start would find it noted.
    if (!trouble && trouble.error().code == ErrorCode::kCancelled) return;
    const std::string problem = trouble ? "" : Problem(trouble.error());
    if (!trouble) {
      ports_.metrics.Record(metric::kStoreFailures, 1);
      ports_.logger.Warning("uploads pause; trying again",
                            {{"error", problem}, {"failures_in_a_row", int64_t{failures_} + 1}});
    }
    if (problem == noted_trouble_ && noted_) return;
    JournalChange change;
    change.sources.push_back({.scanned_at = ports_.clock.Now(), .problem = problem});
    // Shown by `status`; where the journal itself is the trouble, the log line above must do.
    if (ports_.journal.Apply(change)) {
      noted_trouble_ = problem;
      noted_ = true;
    }
  }

  void UploadLoop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto summary = UploadOnce(stop);
      if (!summary.store) {
        auto pause = PauseAfter(options_, ports_.random, ++failures_);
        if (const auto& after = summary.store.error().retry_after)
          pause = std::max<std::chrono::nanoseconds>(pause, *after);
        ports_.clock.SleepFor(pause, stop);
        continue;
      }
      failures_ = 0;
      std::unique_lock lock(wake_mutex_);
      wake_.wait_for(lock, stop, kUploadPoll, [this] { return wake_wanted_; });
      wake_wanted_ = false;
    }
  }

  void WakeUploads() {
    const std::lock_guard lock(wake_mutex_);
    wake_wanted_ = true;
    wake_.notify_all();
  }

  void ScanLoop(SourceRuntime& source, const std::stop_token& stop) {
    Timestamp next = source.timetable.FirstScan(ports_.clock.Now());
    Timestamp beat = ports_.clock.Now();
    Timestamp hints_from{};
    uint32_t failures = 0;
    while (!stop.stop_requested()) {
      if (ports_.clock.Now() >= beat) {
        if (const auto sent = SendHeartbeat(source, ports_, options_); !sent)
          ports_.logger.Warning("could not send a heartbeat",
                                {{"source", source.spec.name}, {"error", Problem(sent.error())}});
        beat = ports_.clock.Now() + options_.heartbeat_interval;
      }
      if (ports_.clock.Now() >= next) {
        const auto begin = ports_.clock.SteadyNow();
        next = NextAfter(source, ScanOnce(source.spec.name, stop), failures);
        const std::chrono::nanoseconds took = ports_.clock.SteadyNow() - begin;
        hints_from = ports_.clock.Now() + std::max<std::chrono::nanoseconds>(kLeastScanGap, took * 5);
      }
      next = WaitForNext(source, next, beat, hints_from, stop);
    }
  }

  Timestamp NextAfter(SourceRuntime& source, const Result<ScanSummary>& result, uint32_t& failures) {
    const Timestamp now = ports_.clock.Now();
    if (!result) {
      // The usual schedule, or sooner: a mount that went away is soon back.
      return std::min(source.timetable.NextScan(now, std::nullopt),
                      now + PauseAfter(options_, ports_.random, ++failures));
    }
    failures = 0;
    if (result->completed > 0) WakeUploads();
    return source.timetable.NextScan(now, result->next_due);
  }

  // Waits for whatever comes first; answers when the next scan is due then.
  Timestamp WaitForNext(SourceRuntime& source, Timestamp next, Timestamp beat, Timestamp hints_from,
                        const std::stop_token& stop) {
    const Timestamp now = ports_.clock.Now();
    // A clock that was set back must not put the next scan off for hours.
    if (source.timetable.takes_hints() && !source.timetable.BlackoutEnd(now))
      next = std::min(next, now + source.spec.schedule.interval);
    const auto wait = std::min(next, beat) - now;
    if (wait.count() <= 0) return next;
    if (!source.timetable.takes_hints() || source.timetable.BlackoutEnd(now)) {
      ports_.clock.SleepFor(wait, stop);
      return next;
    }
    if (hints_from > now) {
      ports_.clock.SleepFor(std::min(wait, hints_from - now), stop);
      return next;
    }
    const bool hint = source.tree->WaitForChange(wait, stop) == WaitEnd::kHint;
    return hint ? std::min(next, ports_.clock.Now()) : next;
  }

  std::vector<std::unique_ptr<SourceRuntime>> sources_;
  Ports ports_;
  Options options_;
  std::string agent_id_;                   // upload thread
  uint32_t failures_ = 0;                  // upload thread, in a row
  std::optional<ErrorCode> noted_outbox_;  // upload thread: what was said last; texts hold ids of requests
  std::string noted_trouble_;              // upload thread: what the journal says
  bool noted_ = false;
  std::mutex wake_mutex_;
  std::condition_variable_any wake_;
  bool wake_wanted_ = false;
};

}  // namespace

std::string_view DryRunActionName(DryRunAction action) {
  constexpr std::string_view kNames[] = {"upload", "keep", "skip", "wait", "refuse"};
  return kNames[static_cast<size_t>(action)];
}

Result<std::unique_ptr<MigrationService>> MigrationService::Make(std::vector<Source> sources, const Ports& ports,
                                                                 Options options) {
  if (sources.empty())
    return Fail(ErrorCode::kInvalidArgument, "no source is configured: name at least one directory to migrate");
  std::vector<std::unique_ptr<SourceRuntime>> runtimes;
  for (auto& source : sources) {
    SESHAT_TRY(source.spec.Validate());
    for (const auto& other : runtimes)
      if (other->spec.name == source.spec.name)
        return Fail(ErrorCode::kInvalidArgument, fmt::format("two sources are named '{}'", source.spec.name));
    SESHAT_ASSIGN(auto layout, SourceLayout::Make(source.spec));
    SESHAT_ASSIGN(auto timetable, Timetable::Make(source.spec.schedule, options.utc_offset));
    auto bandwidth = std::make_shared<TokenBucket>(ports.clock, source.spec.bandwidth_bytes_per_second);
    Completeness rules(source.spec.complete);
    runtimes.push_back(
        std::make_unique<SourceRuntime>(SourceRuntime{std::move(source.spec), std::move(source.tree), std::move(layout),
                                                      std::move(rules), std::move(timetable), std::move(bandwidth)}));
  }
  options.buffered_bytes = std::max(options.buffered_bytes, options.small_file_bytes);
  options.active_sessions = std::max<size_t>(options.active_sessions, 1);
  return std::make_unique<Service>(std::move(runtimes), ports, std::move(options));
}

}  // namespace seshat::migration
