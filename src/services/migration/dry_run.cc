#include "services/migration/dry_run.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "services/migration/scan/source_scan.h"
#include "services/migration/upload/file_plan.h"

namespace seshat::migration {
namespace {

class DryRunner : public SessionSink {
 public:
  DryRunner(SourceRuntime& source, const Ports& ports, const Options& options,
            const std::function<void(const DryRunLine&)>& line, std::stop_token stop)
      : source_(source), ports_(ports), options_(options), line_(line), stop_(std::move(stop)) {}

  Status Entry(std::string_view id, std::string_view path, const SourceEntry& entry) override {
    const bool metadata = entry.kind == EntryKind::kFile && source_.layout->MetadataRank(path) != SIZE_MAX;
    source_.rules.Add(shapes_[std::string(id)], path, entry, metadata);
    return {};
  }
  Status EndSession(std::string_view id) override {
    const SessionShape shape = std::exchange(shapes_[std::string(id)], {});
    shapes_.clear();
    return Session(std::string(id), shape);
  }
  void Loose(const SourceEntry& entry) override {
    line_({.path = std::string(entry.path),
           .size = entry.stat.size,
           .action = DryRunAction::kRefuse,
           .why = source_.layout->flat() ? "its name does not match the pattern of the source"
                                         : "it lies beside the session directories, not in one"});
  }
  void Refused(std::string_view name, const Error& reason) override {
    line_({.session_id = std::string(name), .action = DryRunAction::kRefuse, .why = reason.message});
  }

  // Flat sessions.
  Status Finish() {
    for (const auto& [id, shape] : shapes_) SESHAT_TRY(Session(id, shape));
    return {};
  }

 private:
  Status Session(const std::string& id, const SessionShape& shape) {
    SESHAT_ASSIGN(const auto record, ports_.journal.FindSession({source_.spec.name, id}));
    if (record && record->progress.ownership == Ownership::kConflict) {
      line_({.session_id = id, .action = DryRunAction::kRefuse, .why = record->progress.problem});
      return {};
    }
    SESHAT_ASSIGN(const Observation seen, Judge(id, shape, record));
    if (!seen.complete)
      line_({.session_id = id, .action = DryRunAction::kWait, .why = "waiting for " + seen.waiting_for});
    const bool settled = record && record->progress.revision > 0 && record->progress.settled == shape.fingerprint;
    return Files(id, record.value_or(SessionRecord{}).progress, settled, seen.complete);
  }

  // Where no scan has seen the session yet, files that are old enough count as quiet.
  Result<Observation> Judge(const std::string& id, const SessionShape& shape,
                            const std::optional<SessionRecord>& record) {
    const Timestamp now = ports_.clock.Now();
    std::optional<Observation> before;
    if (record) before = record->observation;
    if (!before || before->fingerprint != shape.fingerprint)
      before = Observation{.fingerprint = shape.fingerprint,
                           .changed_at = Timestamp(std::chrono::nanoseconds(shape.newest_ns))};
    std::string missing;
    if (source_.rules.has_list() && !shape.list_path.empty()) {
      SESHAT_ASSIGN(missing, MissingListedFiles(source_, id, shape.list_path, stop_));
    }
    return source_.rules.Judge(shape, before, now, missing);
  }

  Status Files(const std::string& id, const Progress& progress, bool settled, bool complete) {
    SESHAT_ASSIGN(const SessionId session, SessionId::Parse(id));
    const PlanNumbers numbers{.plan = progress.plan + 1,
                              .committed_plan = progress.committed_plan,
                              .target = progress.revision + 1,
                              .small_file_bytes = options_.small_file_bytes};
    return WalkSession(
        *source_.tree, *source_.layout, id,
        [&](std::string_view path, const SourceEntry& entry) -> Status {
          SESHAT_ASSIGN(auto before, ports_.journal.FindFile({source_.spec.name, id}, path));
          std::optional<FileRecord> abandon;
          const FileRecord file = PlanFile(session, before, entry, path, numbers, abandon);
          line_(Describe(id, before, file, settled, complete));
          return {};
        },
        stop_);
  }

  DryRunLine Describe(const std::string& id, const std::optional<FileRecord>& before, const FileRecord& file,
                      bool settled, bool complete) const {
    DryRunLine line{.session_id = id, .path = file.path, .size = file.stat.size};
    if (file.state == FileState::kSkipped) {
      line.action = DryRunAction::kSkip;
      line.why = fmt::format("{}: {}", file.skip_kind, file.problem);
    } else if (file.state == FileState::kStored || settled) {
      line.action = DryRunAction::kKeep;
      line.why = fmt::format("unchanged since revision {}", file.since_revision);
    } else {
      line.action = complete ? DryRunAction::kUpload : DryRunAction::kWait;
      line.why = !before                                 ? "not stored yet"
                 : before->state == FileState::kIntended ? "its upload was interrupted"
                 : HasStoredBytes(file)                  ? "its attributes changed: it is stored if its bytes did"
                                                         : "new or changed";
    }
    return line;
  }

  SourceRuntime& source_;
  const Ports& ports_;
  const Options& options_;
  const std::function<void(const DryRunLine&)>& line_;
  std::stop_token stop_;
  std::map<std::string, SessionShape> shapes_;
};

}  // namespace

Status DryRunSource(SourceRuntime& source, const Ports& ports, const Options& options,
                    const std::function<void(const DryRunLine&)>& line, std::stop_token stop) {
  DryRunner runner(source, ports, options, line, stop);
  SESHAT_TRY(WalkSource(*source.tree, *source.layout, runner, stop));
  return runner.Finish();
}

}  // namespace seshat::migration
