#include "services/migration/upload/file_plan.h"

#include <string>
#include <utility>

#include "core/records/keys.h"

namespace seshat::migration {
namespace {

void SetSkip(FileRecord& file, const PlanNumbers& numbers, std::string_view kind, std::string_view reason) {
  if (file.skip_kind != kind || file.problem != reason) file.changed_plan = numbers.plan;
  file.skip_kind = kind;
  file.problem = reason;
}

// A put that was begun may have taken effect, so its key is burnt.
void Burn(FileRecord& file, const PlanNumbers& numbers, std::optional<FileRecord>& abandon) {
  if (!file.put_state.empty()) abandon = file;
  MoveToNextKey(file, numbers);
}

bool SameContentLikely(const FileStat& a, const FileStat& b) {
  return a.size == b.size && a.modified_ns == b.modified_ns;
}

}  // namespace

void SkipFile(FileRecord& file, const PlanNumbers& numbers, std::string_view kind, std::string_view reason) {
  if (file.state == FileState::kIntended) MoveToNextKey(file, numbers);
  file.state = FileState::kSkipped;
  SetSkip(file, numbers, kind, reason);
}

void MoveToNextKey(FileRecord& file, const PlanNumbers& numbers) {
  if (file.since_revision == numbers.target) {
    ++file.rewrite;
  } else {
    file.since_revision = numbers.target;
    file.rewrite = 0;
  }
  file.state = FileState::kPending;
  file.sha256 = {};
  file.stored = {};
  file.checksum.clear();
  file.put_state.clear();
}

void MarkStored(FileRecord& file, const PlanNumbers& numbers, const Sha256& sha256) {
  const bool same = HasStoredBytes(file) && file.sha256 == sha256 && file.skip_kind.empty() &&
                    file.stored.mode == file.stat.mode && file.stored.modified_ns == file.stat.modified_ns;
  if (!same) file.changed_plan = numbers.plan;
  file.state = FileState::kStored;
  file.sha256 = sha256;
  file.stored = file.stat;
  file.put_state.clear();
  file.skip_kind.clear();
  file.problem.clear();
}

void KeepStored(FileRecord& file, const PlanNumbers& numbers, std::string_view reason) {
  file.state = FileState::kStored;
  SetSkip(file, numbers, EntryKindName(EntryKind::kUnreadable), reason);
}

FileRecord PlanFile(const SessionId& id, std::optional<FileRecord> before, const SourceEntry& entry,
                    std::string_view path, const PlanNumbers& numbers, std::optional<FileRecord>& abandon) {
  const bool known = before.has_value();
  FileRecord file =
      known ? *std::move(before)
            : FileRecord{.path = std::string(path), .changed_plan = numbers.plan, .since_revision = numbers.target};
  if (known && WasCommitted(file, numbers.committed_plan)) file.in_plan = numbers.committed_plan;
  const FileStat planned_before = file.stat;
  file.plan = numbers.plan;
  file.stat = entry.stat;
  if (entry.kind != EntryKind::kFile) {
    if (!file.put_state.empty()) abandon = file;
    if (entry.kind == EntryKind::kUnreadable && known && file.state != FileState::kSkipped && HasStoredBytes(file)) {
      // A file once, and nobody can tell what it is now: it has not left.
      KeepStored(file, numbers, entry.reason);
      file.put_state.clear();
      return file;
    }
    SkipFile(file, numbers, EntryKindName(entry.kind),
             entry.reason.empty() ? "only regular files are stored" : entry.reason);
    return file;
  }
  const bool reappeared = std::exchange(file.cleaned, false);
  switch (file.state) {
    case FileState::kStored:
      if (entry.stat == file.stored && file.skip_kind.empty() && !reappeared) return file;
      file.state = FileState::kPending;
      break;
    case FileState::kIntended:
      if (entry.stat != planned_before &&
          (entry.stat.size != planned_before.size || entry.stat.size > numbers.small_file_bytes))
        Burn(file, numbers, abandon);
      break;
    case FileState::kSkipped:
      if (file.skip_kind != EntryKindName(EntryKind::kUnreadable)) file.changed_plan = numbers.plan;
      file.state = FileState::kPending;
      break;
    case FileState::kPending:
      break;
  }
  if (file.state == FileState::kPending && HasStoredBytes(file) && entry.stat.size > numbers.small_file_bytes &&
      !SameContentLikely(entry.stat, file.stored))
    MoveToNextKey(file, numbers);
  if (file.state == FileState::kPending && !HasStoredBytes(file) && file.since_revision != numbers.target)
    MoveToNextKey(file, numbers);
  if (const auto key = keys::Raw(id, file.since_revision, file.rewrite, path); !key)
    SkipFile(file, numbers, "name", key.error().message);
  return file;
}

}  // namespace seshat::migration
