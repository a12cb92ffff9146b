// The manifest of one revision, as it was read from the blob store and held against its key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/blob_key.h"
#include "core/records/manifest.h"
#include "core/records/manifest_pages.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"

namespace seshat::stored {

// Which manifest, and what it must be.
struct ManifestRef {
  SessionId id;
  uint32_t revision = 1;
  BlobKey key;                   // where it lies, as an event, a dataset or the key's own writer says
  std::optional<Sha256> sha256;  // of the bytes under `key`; absent: whatever they are
};

// Readers ask for the files one after another and never for all of them, because a manifest may have millions in many
// pages (docs/adr/0029). What it holds in memory is its head, and while it is read a few pages; one that was written
// before there were pages is held as a whole. Thread-safe: it never changes. What it reads from the store it reads again
// each time.
//
// Errors of all that reads: the first one of `each`; kCancelled; kDataLoss, naming the key, where a page is missing or is
// not what the head says; kArchived for a page that must be restored first; what the store answers.
class StoredManifest {
 public:
  // Takes the bytes that lie under `ref.key`. kDataLoss, naming the key, where they are not the ones that `ref` pins,
  // are no manifest, or are that of another session or revision. `store` must outlive the result.
  static Result<StoredManifest> Open(BlobStore& store, const ManifestRef& ref, std::string_view bytes);

  const SessionId& id() const { return id_; }
  const BlobKey& key() const { return key_; }
  const Sha256& sha256() const { return sha256_; }  // of the bytes under key(), which name the digests of all pages
  uint32_t revision() const { return head_.manifest.revision; }

  // Every field of the manifest but its lists, which are empty here.
  const Manifest& head() const { return head_.manifest; }
  const ManifestTotals& totals() const { return head_.totals; }
  uint64_t file_count() const { return head_.totals.files; }
  uint64_t total_bytes() const { return head_.totals.bytes; }

  // The manifest's lists, a part at a time and in order: files, then skipped entries, then removed paths.
  using EachPage = std::function<Status(const ManifestPage&)>;
  Status ForEachPage(const EachPage& each, const std::stop_token& stop = {}) const;

  // Every file, in the order of the manifest, which is that of the paths' bytes.
  using EachFile = std::function<Status(const ManifestFile&)>;
  Status ForEachFile(const EachFile& each, const std::stop_token& stop = {}) const;
  // The first so many, or all there are; reads the pages that have them.
  Result<std::vector<ManifestFile>> FirstFiles(size_t count, const std::stop_token& stop = {}) const;
  // Only those whose paths begin so (raw bytes); pages that have none are not read.
  Status ForEachFileBelow(std::string_view prefix, const EachFile& each, const std::stop_token& stop = {}) const;

  // The file of this path (raw bytes), or nothing. Reads one page.
  Result<std::optional<ManifestFile>> Find(std::string_view path, const std::stop_token& stop = {}) const;

 private:
  StoredManifest(BlobStore& store, const ManifestRef& ref, const Sha256& sha256, ManifestHead head);

  // Pages begin ≤ i < end of the head.
  Status ReadPages(size_t begin, size_t end, const EachPage& each, const std::stop_token& stop) const;

  BlobStore* store_;
  SessionId id_;
  BlobKey key_;
  Sha256 sha256_;
  ManifestHead head_;
  std::shared_ptr<const ManifestPage> whole_;  // the lists of a manifest without pages
};

}  // namespace seshat::stored
