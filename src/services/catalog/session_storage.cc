#include "services/catalog/session_storage.h"

#include "core/records/blob_key.h"

namespace seshat::catalog {
namespace {

constexpr int kMaxPages = 20;

StorageState StateOf(ArchiveState state) {
  switch (state) {
    case ArchiveState::kReadable:
      return StorageState::kReadable;
    case ArchiveState::kArchived:
      return StorageState::kArchived;
    case ArchiveState::kRestoring:
      return StorageState::kRestoring;
    case ArchiveState::kRestored:
      return StorageState::kRestored;
  }
  return StorageState::kReadable;
}

// Notes what the store lists of `places`. True where it has listed all of the session.
bool Look(BlobStore& store, const std::string& session_id, SessionStorage& storage) {
  ListOptions options{.prefix = session_id + "/"};
  for (int pages = 0; pages < kMaxPages; ++pages) {
    auto page = store.List(options);
    if (!page) return false;
    for (const BlobInfo& blob : page->blobs) {
      const auto place = storage.places.find(blob.key);
      if (place != storage.places.end()) place->second.state = StateOf(blob.archive_state);
    }
    if (page->next_start_after.empty()) return true;
    options.start_after = std::move(page->next_start_after);
  }
  return false;
}

}  // namespace

std::string_view StorageStateName(StorageState state) {
  switch (state) {
    case StorageState::kUnknown:
      return "";
    case StorageState::kReadable:
      return "readable";
    case StorageState::kArchived:
      return "archived";
    case StorageState::kRestoring:
      return "restoring";
    case StorageState::kRestored:
      return "restored";
    case StorageState::kMissing:
      return "missing";
  }
  return "";
}

const ObjectPlace& SessionStorage::Of(std::string_view key) const {
  static const ObjectPlace kNowhere;
  const auto place = places.find(key);
  return place == places.end() ? kNowhere : place->second;
}

SessionStorage LookAtStorage(BlobStore& store, const SessionDocument& document) {
  SessionStorage storage;
  const auto add = [&](const std::string& key) {
    const auto parsed = BlobKey::Parse(key);
    storage.places[key].url = parsed ? store.Url(*parsed) : "";
  };
  add(document.manifest_key);
  for (const FileDocument& file : document.files) {
    add(file.key);
    for (const ResultDocument& result : file.results)
      for (const auto& output : result.outputs) add(output.key);
  }
  if (!Look(store, document.session_id, storage)) return storage;
  for (auto& [key, place] : storage.places)
    if (place.state == StorageState::kUnknown) place.state = StorageState::kMissing;
  return storage;
}

}  // namespace seshat::catalog
