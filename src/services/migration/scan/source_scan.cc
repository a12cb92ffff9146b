#include "services/migration/scan/source_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/utf8.h"
#include "ports/span_names.h"
#include "services/migration/base/metric_names.h"

namespace seshat::migration {
namespace {

constexpr size_t kBatch = 256;                  // observations in one journal transaction
constexpr uint64_t kMaxListBytes = 4ULL << 20;  // of an expected-files list
constexpr size_t kReportedRefusals = 20;        // in the log of one scan

class Scanner : public SessionSink {
 public:
  Scanner(SourceRuntime& source, const Ports& ports, std::stop_token stop)
      : source_(source), ports_(ports), stop_(std::move(stop)), now_(ports.clock.Now()) {}

  Status Entry(std::string_view id, std::string_view path, const SourceEntry& entry) override {
    ++summary_.entries;
    const bool metadata = entry.kind == EntryKind::kFile && source_.layout->MetadataRank(path) != SIZE_MAX;
    source_.rules.Add(source_.layout->flat() ? Group(id) : shape_, path, entry, metadata);
    return {};
  }

  Status EndSession(std::string_view id) override {
    const SessionShape shape = std::exchange(shape_, {});
    return Consider(id, shape);
  }

  void Loose(const SourceEntry&) override {
    ++summary_.entries;
    ++summary_.loose;
  }

  void Refused(std::string_view name, const Error& reason) override {
    // A session's directory that cannot be read now has not left the source.
    present_.push_back(std::hash<std::string_view>{}(name));
    if (++summary_.refused > kReportedRefusals) return;
    ports_.logger.Debug("not a session", {{"source", source_.spec.name}, {"path", name}, {"error", reason.message}});
  }

  Result<ScanSummary> Finish() {
    for (const auto& [id, shape] : groups_) SESHAT_TRY(Consider(id, shape));
    SESHAT_TRY(Flush());
    std::ranges::sort(present_);
    SESHAT_TRY(NoteGone(SessionFilter::kWaiting));
    SESHAT_TRY(NoteGone(SessionFilter::kUpload));
    SESHAT_TRY(Flush());
    return summary_;
  }

 private:
  SessionShape& Group(std::string_view id) {
    if (last_group_ == nullptr || id != last_id_) {
      last_id_ = id;
      last_group_ = &groups_[last_id_];
    }
    return *last_group_;
  }

  Status Consider(std::string_view id, const SessionShape& shape) {
    ++summary_.sessions;
    present_.push_back(std::hash<std::string_view>{}(id));
    SESHAT_ASSIGN(auto before, ports_.journal.FindObservation(source_.spec.name, id));
    if (before && before->complete && !before->gone && before->fingerprint == shape.fingerprint) return {};
    if (shape.files + shape.others == 0 && before && before->complete) {
      // What a deletion leaves behind is no change; and a session that lost everything makes no revision.
      SESHAT_ASSIGN(const auto record, ports_.journal.FindSession({source_.spec.name, std::string(id)}));
      if (record && record->progress.revision > 0) return {};
    }

    std::string missing;
    if (source_.rules.has_list() && !shape.list_path.empty()) {
      auto listed = MissingListedFiles(source_, id, shape.list_path, stop_);
      if (!listed && listed.error().code == ErrorCode::kCancelled) return std::unexpected(listed.error());
      missing =
          listed ? *std::move(listed) : fmt::format("its list of files to be readable ({})", Problem(listed.error()));
    }
    Observation seen = source_.rules.Judge(shape, before, now_, missing);
    const bool goes_on = before && !before->complete && !before->gone;
    seen.traceparent = goes_on ? before->traceparent : NewTrace(ports_.random).ToString();
    if (seen.until) summary_.next_due = std::min(summary_.next_due.value_or(*seen.until), *seen.until);
    if (before && *before == seen) return {};
    Log(id, seen, before.has_value());
    ++summary_.changed;
    if (seen.complete) {
      ++summary_.completed;
      RecordDiscovery(id, seen, "complete");
    }
    return Save(id, std::move(seen));
  }

  void Log(std::string_view id, const Observation& seen, bool known) {
    ports_.logger.Debug(seen.complete ? "session is complete"
                        : known       ? "session is not complete"
                                      : "new session",
                        Span::OfTraceparent(seen.traceparent),
                        {{"source", source_.spec.name},
                         {"session", id},
                         {"files", seen.files},
                         {"bytes", seen.bytes},
                         {"waiting_for", seen.waiting_for}});
  }

  // The root of the session's trace: from its last change to now. Its ids were given out when it was first seen.
  void RecordDiscovery(std::string_view id, const Observation& seen, std::string_view outcome) {
    const auto ids = TraceContext::Parse(seen.traceparent);
    if (!ids) return;
    Span span = ports_.tracer.Start("discover session", {.self = *ids, .start = seen.changed_at});
    span.Set(span_names::kSource, source_.spec.name);
    span.Set(span_names::kSession, id);
    span.Set(span_names::kFiles, seen.files);
    span.Set(span_names::kBytes, seen.bytes);
    span.Set(span_names::kOutcome, outcome);
  }

  Status Save(std::string_view id, Observation seen) {
    change_.observations.emplace_back(SessionRef{source_.spec.name, std::string(id)}, std::move(seen));
    return change_.observations.size() < kBatch ? Status{} : Flush();
  }

  Status Flush() {
    if (change_.observations.empty()) return {};
    return ports_.journal.Apply(std::exchange(change_, {}));
  }

  // Sessions with unfinished business that this scan has not met.
  Status NoteGone(SessionFilter filter) {
    SessionQuery query{.source = source_.spec.name, .filter = filter, .limit = kBatch};
    while (true) {
      SESHAT_ASSIGN(const auto page, ports_.journal.ListSessions(query));
      for (const auto& record : page) {
        const size_t hash = std::hash<std::string_view>{}(record.session.id);
        if (std::ranges::binary_search(present_, hash) || record.observation.gone) continue;
        if (!record.observation.complete) RecordDiscovery(record.session.id, record.observation, "gone");
        Observation gone = record.observation;
        gone.gone = true;
        gone.until.reset();
        ++summary_.changed;
        ports_.logger.Info("session left the source before it was stored",
                           {{"source", source_.spec.name}, {"session", record.session.id}});
        SESHAT_TRY(Save(record.session.id, std::move(gone)));
      }
      if (page.size() < query.limit) return {};
      query.after = page.back().session;
    }
  }

  SourceRuntime& source_;
  const Ports& ports_;
  std::stop_token stop_;
  Timestamp now_;
  ScanSummary summary_;
  SessionShape shape_;  // of the directory being walked
  std::unordered_map<std::string, SessionShape> groups_;
  std::string last_id_;
  SessionShape* last_group_ = nullptr;
  std::vector<size_t> present_;  // hashes of ids: 8 bytes for each session of the source
  JournalChange change_;
};

}  // namespace

Result<ScanSummary> ScanSource(SourceRuntime& source, const Ports& ports, std::stop_token stop) {
  const auto begin = ports.clock.SteadyNow();
  Scanner scanner(source, ports, stop);
  const Status walked = WalkSource(*source.tree, *source.layout, scanner, stop);
  Result<ScanSummary> result = walked ? scanner.Finish() : std::unexpected(walked.error());
  if (!result && result.error().code == ErrorCode::kCancelled) return result;
  const MetricLabels labels = {{"source", source.spec.name}};
  if (result) {
    const std::chrono::duration<double> took = ports.clock.SteadyNow() - begin;
    ports.metrics.Record(metric::kScanSeconds, took.count(), labels);
    ports.metrics.Record(metric::kScanEntries, static_cast<double>(result->entries), labels);
  } else {
    ports.metrics.Record(metric::kScanFailures, 1, labels);
    ports.logger.Warning(
        "scan failed; trying again at the next one",
        {{"source", source.spec.name}, {"path", source.spec.path}, {"error", Problem(result.error())}});
  }
  return result;
}

Status SaveScanState(SourceRuntime& source, const Ports& ports, const Result<ScanSummary>& result,
                     Timestamp next_scan_at) {
  SESHAT_ASSIGN(auto before, ports.journal.FindSource(source.spec.name));
  SourceState state = before.value_or(SourceState{});
  state.source = source.spec.name;
  state.scanned_at = ports.clock.Now();
  state.next_scan_at = next_scan_at;
  state.problem = result ? "" : Problem(result.error());
  if (result) {
    state.entries = result->entries;
    state.loose = result->loose;
    state.refused = result->refused;
  }
  JournalChange change;
  change.sources.push_back(std::move(state));
  return ports.journal.Apply(change);
}

Result<std::string> MissingListedFiles(SourceRuntime& source, std::string_view id, const std::string& list_path,
                                       std::stop_token stop) {
  SESHAT_ASSIGN(const SourceFile list, source.tree->Open(source.layout->PathOf(id, list_path)));
  if (list.stat.size > kMaxListBytes)
    return fmt::format("its list of files, '{}', to be at most 4 MiB", EscapeForTerminal(list_path));
  std::string text(list.stat.size, '\0');
  SESHAT_TRY(list.body->ReadAt(0, std::as_writable_bytes(std::span(text))));
  const auto names = ParseExpectedList(text);
  std::vector<bool> seen(names.size());
  SESHAT_TRY(WalkSession(
      *source.tree, *source.layout, id,
      [&](std::string_view path, const SourceEntry& entry) -> Status {
        const auto it = std::ranges::lower_bound(names, path);
        if (it != names.end() && *it == path && entry.kind == EntryKind::kFile)
          seen[static_cast<size_t>(it - names.begin())] = true;
        return {};
      },
      std::move(stop)));
  const auto missing = std::ranges::count(seen, false);
  if (missing == 0) return std::string();
  const auto first = static_cast<size_t>(std::ranges::find(seen, false) - seen.begin());
  return fmt::format("{} of {} files named in '{}' (the first is '{}')", missing, names.size(),
                     EscapeForTerminal(list_path), EscapeForTerminal(names[first]));
}

}  // namespace seshat::migration
