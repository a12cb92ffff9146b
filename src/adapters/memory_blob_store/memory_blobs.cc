#include <fmt/format.h>

#include "adapters/memory_blob_store/memory_state.h"

namespace seshat::memory_blob_store {

MemoryBlobs::MemoryBlobs(const MemoryBlobOptions& options) : state_(std::make_unique<State>()) {
  state_->options = options;
}
MemoryBlobs::~MemoryBlobs() = default;

Status MemoryBlobs::Archive(const BlobKey& key) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->blobs.find(key.value());
  if (found == state_->blobs.end()) return Fail(ErrorCode::kNotFound, fmt::format("no object '{}'", key.value()));
  found->second.info.storage_class = StorageClass::kDeepArchive;
  found->second.info.archive_state = ArchiveState::kArchived;
  found->second.info.restored_until.reset();
  return {};
}

void MemoryBlobs::FinishRestores() {
  const std::lock_guard lock(state_->mutex);
  for (auto& [key, blob] : state_->blobs) {
    if (blob.info.archive_state == ArchiveState::kRestoring) blob.info.archive_state = ArchiveState::kRestored;
  }
}

void MemoryBlobs::LoseNextAnswer() {
  const std::lock_guard lock(state_->mutex);
  state_->lose_next_answer = true;
}

size_t MemoryBlobs::unfinished_puts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->uploads.size();
}

Status MemoryBlobs::State::CheckNesting(const std::string& key) const {
  if (options.capabilities.nested_keys) return {};
  const auto below = blobs.lower_bound(key + "/");
  if (below != blobs.end() && below->first.starts_with(key + "/"))
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is a folder here: '{}' is in it", key, below->first));
  for (size_t slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1)) {
    if (blobs.contains(key.substr(0, slash)))
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' cannot lie below the object '{}'", key, key.substr(0, slash)));
  }
  return {};
}

Status MemoryBlobs::State::Insert(StoredBlob blob) {
  SESHAT_TRY(CheckNesting(blob.info.key));
  if (blobs.contains(blob.info.key))
    return Fail(ErrorCode::kAlreadyExists, fmt::format("'{}' is taken; nothing was changed", blob.info.key));
  blob.info.modified_at = now += std::chrono::seconds(1);
  std::string key = blob.info.key;
  blobs.emplace(std::move(key), std::move(blob));
  return {};
}

ListPage MemoryBlobs::State::List(const ListOptions& list) const {
  ListPage page;
  std::string last;  // the last entry given
  for (auto it = blobs.lower_bound(list.prefix); it != blobs.end() && it->first.starts_with(list.prefix); ++it) {
    const std::string& key = it->first;
    const size_t slash = list.fold_folders ? key.find('/', list.prefix.size()) : std::string::npos;
    const std::string entry = slash == std::string::npos ? key : key.substr(0, slash + 1);
    if (entry <= list.start_after || entry == last) continue;
    if (page.blobs.size() + page.folders.size() == list.limit) {
      page.next_start_after = last;
      break;
    }
    last = entry;
    if (slash != std::string::npos) {
      page.folders.push_back(entry);
      continue;
    }
    page.blobs.push_back(it->second.info);
    page.blobs.back().attributes.clear();
  }
  return page;
}

}  // namespace seshat::memory_blob_store
