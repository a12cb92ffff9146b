#include "services/migration/upload/session_plan.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/records/keys.h"

namespace seshat::migration {
namespace {

constexpr size_t kBatch = 1000;

class Planner {
 public:
  Planner(UploadContext& context, SourceRuntime& source, const SessionRef& session, SessionId id,
          const Progress& progress, const PlanNumbers& numbers)
      : context_(context), source_(source), session_(session), id_(std::move(id)), numbers_(numbers) {
    change_.progress.emplace_back(session, progress);
  }

  Result<SessionPlan> Run() {
    SESHAT_TRY(WalkSession(
        *source_.tree, *source_.layout, session_.id,
        [this](std::string_view path, const SourceEntry& entry) { return Add(path, entry); }, context_.stop));
    if (numbers_.committed_plan != 0) SESHAT_TRY(CarryUnseen());
    SESHAT_TRY(Flush());
    return plan_;
  }

 private:
  Status Add(std::string_view path, const SourceEntry& entry) {
    plan_.fingerprint.Add(path, static_cast<uint32_t>(entry.kind), entry.stat);
    std::optional<FileRecord> before;
    if (numbers_.plan > 1) {
      SESHAT_ASSIGN(before, context_.ports.journal.FindFile(session_, path));
    }
    std::optional<FileRecord> abandon;
    FileRecord file = PlanFile(id_, std::move(before), entry, path, numbers_, abandon);
    if (abandon) abandoned_.push_back(*std::move(abandon));
    if (file.state == FileState::kPending || file.state == FileState::kIntended) ++plan_.unfinished;
    return Put(std::move(file));
  }

  // Files that this walk has not met and that are not missing for all that: the agent itself deleted them, or a
  // directory on the way to them cannot be read now.
  Status CarryUnseen() {
    FileQuery query{.session = session_, .limit = kBatch, .not_plan = numbers_.plan};
    SESHAT_TRY(Flush());
    while (true) {
      SESHAT_ASSIGN(auto page, context_.ports.journal.ListFiles(query));
      if (page.empty()) return {};
      query.after = page.back().path;
      for (auto& file : page) {
        if (!WasCommitted(file, numbers_.committed_plan)) continue;
        if (!file.cleaned) {
          if (file.state == FileState::kSkipped || !HasStoredBytes(file)) continue;
          SESHAT_ASSIGN(const std::string* const reason, WhyHidden(file.path));
          if (reason == nullptr) continue;
          KeepStored(file, numbers_, *reason);
        }
        file.in_plan = numbers_.committed_plan;
        file.plan = numbers_.plan;
        SESHAT_TRY(Put(std::move(file)));
      }
    }
  }

  // What is wrong with the nearest directory above `path` that this plan could not read; null: nothing is. Neighbours
  // in a directory come one after the other and share the answer.
  Result<const std::string*> WhyHidden(std::string_view path) {
    const size_t slash = path.rfind('/');
    const std::string_view parent = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    if (looked_up_ && *looked_up_ == parent) return hidden_ ? &*hidden_ : nullptr;
    looked_up_ = parent;
    hidden_.reset();
    for (size_t end = parent.size(); end != std::string_view::npos && end > 0; end = parent.rfind('/', end - 1)) {
      SESHAT_ASSIGN(const auto directory, context_.ports.journal.FindFile(session_, parent.substr(0, end)));
      if (!directory || directory->plan != numbers_.plan ||
          directory->skip_kind != EntryKindName(EntryKind::kUnreadable))
        continue;
      hidden_ = records::EncodePath(directory->path) + ": " + directory->problem;
      return &*hidden_;
    }
    return nullptr;
  }

  Status Put(FileRecord file) {
    change_.files.emplace_back(session_, std::move(file));
    return change_.files.size() < kBatch ? Status{} : Flush();
  }

  Status Flush() {
    if (change_.files.empty() && change_.progress.empty()) return {};
    SESHAT_TRY(context_.Save(std::exchange(change_, {})));
    for (const auto& file : std::exchange(abandoned_, {})) {
      const auto key = keys::Raw(id_, file.since_revision, file.rewrite, file.path);
      if (!key) continue;
      // A store that cannot be told keeps some parts a little longer; nothing else depends on it.
      if (const auto done = context_.ports.store.Abandon(*key, file.put_state); !done)
        context_.ports.logger.Warning(
            "could not free the parts of an unfinished upload",
            {{"session", session_.id}, {"key", key->value()}, {"error", done.error().ToString()}});
    }
    return {};
  }

  UploadContext& context_;
  SourceRuntime& source_;
  const SessionRef& session_;
  SessionId id_;
  const PlanNumbers& numbers_;
  SessionPlan plan_;
  JournalChange change_;
  std::vector<FileRecord> abandoned_;
  std::optional<std::string> looked_up_;  // the directory that WhyHidden was asked for last
  std::optional<std::string> hidden_;     // and its answer
};

}  // namespace

Result<SessionPlan> PlanSession(UploadContext& context, SourceRuntime& source, const SessionRef& session,
                                const Progress& progress, const PlanNumbers& numbers) {
  SESHAT_ASSIGN(auto id, SessionId::Parse(session.id));
  return Planner(context, source, session, std::move(id), progress, numbers).Run();
}

Result<Fingerprint> FingerprintNow(SourceRuntime& source, std::string_view id, std::stop_token stop) {
  Fingerprint fingerprint;
  SESHAT_TRY(WalkSession(
      *source.tree, *source.layout, id,
      [&](std::string_view path, const SourceEntry& entry) -> Status {
        fingerprint.Add(path, static_cast<uint32_t>(entry.kind), entry.stat);
        return {};
      },
      std::move(stop)));
  return fingerprint;
}

}  // namespace seshat::migration
