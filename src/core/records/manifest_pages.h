// A manifest in pieces: the head is the object under the manifest's key, as ever, and names pages, which hold the files.
//
// A session of a few thousand files has one object (manifest.h). Beyond that its manifest would grow over the size at
// which a lifecycle rule archives an object (storage_class.h), and over what a reader can hold, so its lists are cut
// into pages. The head is written last: its existence still says that the revision is complete and stored.
// docs/formats/manifest.md shows both; docs/adr/0029 has the reasons.
//
// Errors of all readers here: kDataLoss, saying what is wrong and naming the key of the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"

namespace seshat::records {

// What one object of a manifest may hold: more goes to pages. At least one entry has its place in a page whatever it
// takes, and that is some 16 KiB at most (a path of 4,096 bytes, escaped).
struct ManifestLimits {
  // Well below the archive border, which is 1.5 MB (ArchiveBorderBytes).
  size_t bytes = 1 << 20;
  // An entry takes 250 bytes or more.
  size_t entries = 4000;
};

// The largest object of a manifest that is read, for every reader the same. No writer of this version makes one of even a
// hundredth of it; versions before pages made one object of whatever size, 350 bytes a file.
inline constexpr uint64_t kMaxManifestBytes = uint64_t{1} << 30;
// Of a page. Writers are held to a quarter of it, whatever their limits say.
inline constexpr uint64_t kMaxManifestPageBytes = uint64_t{4} << 20;
// Of a manifest: what six digits in a key can count.
inline constexpr uint32_t kMaxManifestPages = 999'999;

struct ManifestTotals {
  uint64_t files = 0;
  uint64_t bytes = 0;  // of the files
  uint64_t skipped = 0;
  uint64_t removed = 0;
  bool operator==(const ManifestTotals&) const = default;
};

// What the head says of one page.
struct ManifestPageRef {
  std::string key;
  uint64_t size = 0;
  Sha256 sha256;
  ManifestTotals totals;  // of what it holds
  std::string first;      // path of its first file, raw bytes; empty where it has no files
  bool operator==(const ManifestPageRef&) const = default;
};

// What lies under a manifest key, whether it has pages or not.
struct ManifestHead {
  Manifest manifest;  // its lists are empty where there are pages
  ManifestTotals totals;
  std::vector<ManifestPageRef> pages;  // files first, then skipped entries, then removed paths, each in order

  // The page that holds the file, if any does. Nothing is known of a head without pages.
  const ManifestPageRef* PageOf(std::string_view path) const;
};

struct ManifestPage {
  std::vector<ManifestFile> files;
  std::vector<SkippedEntry> skipped;
  std::vector<std::string> removed;
};

struct ManifestPageText {
  std::string text;
  ManifestPageRef ref;
};

// The lists of one object, entry by entry: of a page, or of a manifest that needs none.
class ManifestListsBuilder {
 public:
  // `opening` as EncodeManifestHead makes it.
  ManifestListsBuilder(std::string opening, ManifestLimits limits);

  // False: there is no room, and nothing was added. The first entry always has room.
  bool Add(const ManifestFile& file);
  bool Add(const SkippedEntry& entry);
  bool AddRemoved(std::string_view path);

  bool empty() const { return entries_ == 0; }
  const ManifestTotals& totals() const { return totals_; }
  const std::string& first() const { return first_; }
  std::string Finish() &&;

 private:
  bool Append(std::string& list, const std::string& entry);

  std::string opening_;
  ManifestLimits limits_;
  size_t entries_ = 0;
  size_t bytes_ = 0;
  std::string files_;
  std::string skipped_;
  std::string removed_;
  ManifestTotals totals_;
  std::string first_;
};

// What a page begins with; `number` counts from 1.
std::string EncodeManifestPageOpening(const SessionId& id, uint32_t revision, uint32_t number);
// The page and what the head says of it. kResourceExhausted beyond kMaxManifestPages.
Result<ManifestPageText> FinishManifestPage(const SessionId& id, uint32_t revision, uint32_t number,
                                            ManifestListsBuilder lists);

// A head that names its pages; its totals are those of the pages.
std::string EncodeManifestHeadOfPages(const Manifest& manifest, const std::vector<ManifestPageRef>& pages);

// Either kind of manifest.
Result<ManifestHead> DecodeManifestHead(std::string_view json);

// The page with this index in `head.pages`. Its size, digest, session, revision, number, totals and its place among its
// neighbours are checked.
Result<ManifestPage> DecodeManifestPage(const ManifestHead& head, size_t index, std::string_view json);

}  // namespace seshat::records

namespace seshat {
using records::kMaxManifestBytes;
using records::kMaxManifestPageBytes;
using records::ManifestHead;
using records::ManifestLimits;
using records::ManifestPage;
using records::ManifestPageRef;
using records::ManifestTotals;
}  // namespace seshat
