#include "services/migration/upload/manifest_entries.h"

#include <utility>

#include "core/records/keys.h"
#include "services/migration/upload/file_plan.h"

namespace seshat::migration {
namespace {

constexpr size_t kRecordsAtATime = 1000;

}  // namespace

bool IsRemoved(const FileRecord& file, uint64_t committed_plan) {
  return WasCommitted(file, committed_plan) && file.state != FileState::kSkipped && !file.cleaned;
}

Result<ManifestEntries> ManifestEntries::Make(MigrationJournal& journal, ManifestRequest request) {
  SESHAT_ASSIGN(auto id, SessionId::Parse(request.session.id));
  return ManifestEntries(journal, std::move(request), std::move(id));
}

Status ManifestEntries::LoadPage() {
  FileQuery query{.session = request_.session, .after = after_, .limit = kRecordsAtATime};
  (section_ == Section::kRemoved ? query.not_plan : query.plan) = request_.plan;
  begun_ = true;
  next_ = 0;
  page_.clear();
  // Before the first commit nothing can have been removed, however many records old plans left.
  if (section_ != Section::kRemoved || request_.committed_plan != 0) {
    SESHAT_ASSIGN(page_, journal_->ListFiles(query));
  }
  last_page_ = page_.size() < kRecordsAtATime;
  if (!page_.empty()) after_ = page_.back().path;
  return {};
}

Result<const ManifestEntry*> ManifestEntries::Current() {
  while (!loaded_) {
    if (section_ == Section::kEnd) {
      current_ = std::monostate{};
      loaded_ = true;
    } else if (next_ < page_.size()) {
      SESHAT_ASSIGN(current_, EntryOf(page_[next_]));
      ++next_;
      loaded_ = !std::holds_alternative<std::monostate>(current_);
    } else if (!begun_ || !last_page_) {
      SESHAT_TRY(LoadPage());
    } else {
      section_ = static_cast<Section>(static_cast<int>(section_) + 1);
      begun_ = false;
      after_.clear();
      page_.clear();
      next_ = 0;
    }
  }
  return &current_;
}

// monostate where the section does not list it.
Result<ManifestEntry> ManifestEntries::EntryOf(const FileRecord& file) const {
  if (section_ == Section::kRemoved)
    return IsRemoved(file, request_.committed_plan) ? ManifestEntry(RemovedPath{file.path}) : ManifestEntry();
  if (section_ == Section::kSkipped)
    return file.skip_kind.empty() ? ManifestEntry()
                                  : ManifestEntry(SkippedEntry{file.path, file.skip_kind, file.problem});
  if (file.state != FileState::kStored) return ManifestEntry();
  SESHAT_ASSIGN(const BlobKey key, keys::Raw(id_, file.since_revision, file.rewrite, file.path));
  return ManifestFile{.path = file.path,
                      .key = key.value(),
                      .size = file.stored.size,
                      .sha256 = file.sha256,
                      .mode = file.stored.mode,
                      .modified_at = Timestamp(std::chrono::nanoseconds(file.stored.modified_ns)),
                      .storage_class = file.storage_class,
                      .checksum = file.checksum,
                      .since_revision = file.since_revision};
}

}  // namespace seshat::migration
