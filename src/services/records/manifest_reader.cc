#include "services/records/manifest_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"

namespace seshat::stored {
namespace {

class ManifestFeed : public GetFeed {
 public:
  using Each = std::function<void(size_t, Result<StoredManifest>)>;
  ManifestFeed(BlobStore& store, const std::vector<ManifestRef>& wanted, const Each& each)
      : store_(store), wanted_(wanted), each_(each) {}

  std::optional<GetRequest> Next() override {
    if (next_ == wanted_.size()) return std::nullopt;
    const size_t index = next_++;
    auto sink = std::make_shared<MemorySink>(kMaxManifestBytes);
    sinks_.emplace(index, sink);
    return GetRequest{.key = wanted_[index].key, .sink = std::move(sink), .tag = index};
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    const auto node = sinks_.extract(tag);
    const ManifestRef& ref = wanted_[tag];
    if (!outcome) return each_(tag, std::unexpected(std::move(outcome.error()).WithContext(ref.key.value())));
    each_(tag, StoredManifest::Open(store_, ref, node.mapped()->Take()));
  }

  // Those that were never begun.
  void CancelRest() {
    for (; next_ < wanted_.size(); ++next_)
      each_(next_, Fail(ErrorCode::kCancelled, "stopped before all manifests were read"));
  }

 private:
  BlobStore& store_;
  const std::vector<ManifestRef>& wanted_;
  const Each& each_;
  size_t next_ = 0;
  std::map<uint64_t, std::shared_ptr<MemorySink>> sinks_;
};

}  // namespace

Result<std::vector<uint32_t>> ListRevisions(BlobStore& store, const SessionId& id, const std::stop_token& stop) {
  std::vector<uint32_t> revisions;
  // Folded, so that what lies below a revision costs one entry.
  ListOptions options{.prefix = keys::ManifestPrefix(id), .fold_folders = true};
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "looking for manifests was stopped");
    SESHAT_ASSIGN(auto page, store.List(options));
    for (const BlobInfo& blob : page.blobs)
      if (const auto revision = keys::RevisionOfManifest(id, blob.key)) revisions.push_back(*revision);
    options.start_after = std::move(page.next_start_after);
  } while (!options.start_after.empty());
  return revisions;
}

Result<StoredManifest> ReadNewest(BlobStore& store, const SessionId& id, const std::stop_token& stop) {
  SESHAT_ASSIGN(const auto revisions, ListRevisions(store, id, stop));
  if (revisions.empty()) return Fail(ErrorCode::kNotFound, std::string(kNoManifest));
  return ReadRevision(store, id, revisions.back(), stop);
}

Result<StoredManifest> ReadRevision(BlobStore& store, const SessionId& id, uint32_t revision,
                                    const std::stop_token& stop) {
  SESHAT_ASSIGN(const BlobKey key, keys::Manifest(id, revision));
  return ReadManifest(store, {.id = id, .revision = revision, .key = key}, stop);
}

Result<StoredManifest> ReadManifest(BlobStore& store, const ManifestRef& ref, const std::stop_token& stop) {
  const auto sink = std::make_shared<MemorySink>(kMaxManifestBytes);
  SESHAT_TRY(GetOne(store, GetRequest{.key = ref.key, .sink = sink}, stop));
  return StoredManifest::Open(store, ref, sink->Take());
}

void ReadManifests(BlobStore& store, const std::vector<ManifestRef>& wanted,
                   const std::function<void(size_t index, Result<StoredManifest>)>& each, std::stop_token stop) {
  ManifestFeed feed(store, wanted, each);
  store.GetAll(feed, std::move(stop));
  feed.CancelRest();
}

Result<std::shared_ptr<const StoredManifest>> ManifestCache::Get(const ManifestRef& ref, const std::stop_token& stop) {
  const auto is_wanted = [&](const StoredManifest& m) {
    return m.id() == ref.id && m.key() == ref.key && m.revision() == ref.revision &&
           (!ref.sha256 || m.sha256() == *ref.sha256);
  };
  {
    const std::lock_guard lock(mutex_);
    if (manifest_ != nullptr && is_wanted(*manifest_)) return manifest_;
  }
  SESHAT_ASSIGN(StoredManifest read, ReadManifest(store_, ref, stop));
  auto manifest = std::make_shared<const StoredManifest>(std::move(read));
  const std::lock_guard lock(mutex_);
  manifest_ = manifest;
  return manifest;
}

}  // namespace seshat::stored
