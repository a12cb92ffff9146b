#include "cli/search/storage_states.h"

#include "core/records/blob_key.h"

namespace seshat::cli {
namespace {

constexpr int kMostPages = 20;

}  // namespace

std::string_view ArchiveStateName(ArchiveState state) {
  switch (state) {
    case ArchiveState::kReadable:
      return "readable";
    case ArchiveState::kArchived:
      return "archived";
    case ArchiveState::kRestoring:
      return "restoring";
    case ArchiveState::kRestored:
      return "restored";
  }
  return "readable";
}

std::string StorageStates::Url(const std::string& key) const {
  const auto parsed = BlobKey::Parse(key);
  return parsed ? store_.Url(*parsed) : "";
}

std::string StorageStates::State(const std::string& session_id, const std::string& key) {
  if (session_id != session_id_) Look(session_id);
  if (const auto found = states_.find(key); found != states_.end()) return std::string(ArchiveStateName(found->second));
  return complete_ ? "missing" : "";
}

void StorageStates::Look(const std::string& session_id) {
  session_id_ = session_id;
  states_.clear();
  complete_ = false;
  ListOptions options{.prefix = session_id + "/"};
  for (int pages = 0; pages < kMostPages; ++pages) {
    auto page = store_.List(options);
    if (!page) return;
    for (BlobInfo& blob : page->blobs) states_.emplace(std::move(blob.key), blob.archive_state);
    complete_ = page->next_start_after.empty();
    if (complete_) return;
    options.start_after = std::move(page->next_start_after);
  }
}

}  // namespace seshat::cli
