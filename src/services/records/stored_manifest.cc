#include "services/records/stored_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/bytes.h"
#include "core/records/keys.h"
#include "ports/blob_transfer.h"

namespace seshat::stored {
namespace {

// Several at once, because each takes a round trip; few, because each takes a megabyte.
constexpr size_t kPagesAtOnce = 4;

std::unexpected<Error> Cancelled() { return Fail(ErrorCode::kCancelled, "reading a manifest was stopped"); }

Status FilesBelow(const ManifestPage& page, std::string_view prefix, const StoredManifest::EachFile& each,
                  const std::stop_token& stop) {
  const auto path = [](const ManifestFile& file) -> std::string_view { return file.path; };
  for (auto file = std::ranges::lower_bound(page.files, prefix, {}, path);
       file != page.files.end() && file->path.starts_with(prefix); ++file) {
    if (stop.stop_requested()) return Cancelled();
    SESHAT_TRY(each(*file));
  }
  return {};
}

// Fetches a handful of pages.
class PageFeed : public GetFeed {
 public:
  PageFeed(const ManifestHead& head, size_t begin, size_t end) : head_(head), begin_(begin), end_(end), next_(begin) {}

  std::optional<GetRequest> Next() override {
    if (!status_ || next_ == end_) return std::nullopt;
    const size_t index = next_++;
    const ManifestPageRef& page = head_.pages[index];
    auto key = BlobKey::Parse(page.key);
    if (!key) {
      status_ = std::unexpected(std::move(key).error());
      return std::nullopt;
    }
    auto& sink = sinks_[index - begin_];
    sink = std::make_shared<MemorySink>(page.size);
    return GetRequest{.key = *std::move(key), .sink = sink, .tag = index};
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    if (outcome) return static_cast<void>(++done_);
    Error error = std::move(outcome).error();
    // A page that the head names and the store lacks is lost data, whatever the store calls it. So is a longer one.
    if (error.code == ErrorCode::kNotFound || error.code == ErrorCode::kResourceExhausted)
      error.code = ErrorCode::kDataLoss;
    if (status_) status_ = std::unexpected(std::move(error).WithContext("reading " + head_.pages[tag].key));
  }

  Status status() const {
    if (!status_) return status_;
    return done_ == end_ - begin_ ? Status{} : Status(Cancelled());
  }
  std::string Take(size_t index) { return std::exchange(sinks_[index - begin_], nullptr)->Take(); }

 private:
  const ManifestHead& head_;
  size_t begin_;
  size_t end_;
  size_t next_;
  size_t done_ = 0;
  std::array<std::shared_ptr<MemorySink>, kPagesAtOnce> sinks_;
  Status status_;
};

}  // namespace

Result<StoredManifest> StoredManifest::Open(BlobStore& store, const ManifestRef& ref, std::string_view bytes) {
  const std::string& key = ref.key.value();
  const Sha256 sha256 = Sha256::Of(AsBytes(bytes));
  if (ref.sha256 && sha256 != *ref.sha256)
    return Fail(ErrorCode::kDataLoss, fmt::format("{} is not what it was: its SHA-256 is {}, and must be {}", key,
                                                  sha256.ToHex(), ref.sha256->ToHex()));
  auto head = records::DecodeManifestHead(bytes);
  if (!head) return std::unexpected(std::move(head).error().WithContext("reading " + key));
  const Manifest& manifest = head->manifest;
  const bool in_its_place = keys::RevisionOfManifest(ref.id, key) == manifest.revision;
  if (manifest.session_id != ref.id.value() || manifest.revision != ref.revision || !in_its_place)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("{} is the manifest of another session or revision: it says revision {} of session '{}'",
                            key, manifest.revision, manifest.session_id));
  return StoredManifest(store, ref, sha256, *std::move(head));
}

StoredManifest::StoredManifest(BlobStore& store, const ManifestRef& ref, const Sha256& sha256, ManifestHead head)
    : store_(&store), id_(ref.id), key_(ref.key), sha256_(sha256), head_(std::move(head)) {
  if (!head_.pages.empty()) return;
  Manifest& manifest = head_.manifest;
  whole_ = std::make_shared<const ManifestPage>(ManifestPage{
      std::exchange(manifest.files, {}), std::exchange(manifest.skipped, {}), std::exchange(manifest.removed, {})});
}

Status StoredManifest::ReadPages(size_t begin, size_t end, const EachPage& each, const std::stop_token& stop) const {
  while (begin < end) {
    if (stop.stop_requested()) return Cancelled();
    const size_t until = std::min(end, begin + kPagesAtOnce);
    PageFeed feed(head_, begin, until);
    store_->GetAll(feed, stop);
    SESHAT_TRY(feed.status());
    for (; begin < until; ++begin) {
      if (stop.stop_requested()) return Cancelled();
      auto page = records::DecodeManifestPage(head_, begin, feed.Take(begin));
      if (!page) return std::unexpected(std::move(page).error().WithContext("reading " + key_.value()));
      SESHAT_TRY(each(*page));
    }
  }
  return {};
}

Status StoredManifest::ForEachPage(const EachPage& each, const std::stop_token& stop) const {
  return whole_ ? each(*whole_) : ReadPages(0, head_.pages.size(), each, stop);
}

Status StoredManifest::ForEachFile(const EachFile& each, const std::stop_token& stop) const {
  // Pages without files are read too, so that what is wrong with one does not stay unseen.
  return ForEachPage([&](const ManifestPage& page) { return FilesBelow(page, "", each, stop); }, stop);
}

Result<std::vector<ManifestFile>> StoredManifest::FirstFiles(size_t count, const std::stop_token& stop) const {
  std::vector<ManifestFile> files;
  files.reserve(std::min<uint64_t>(count, file_count()));
  const auto take = [&](const ManifestPage& page) -> Status {
    const auto more = static_cast<std::ptrdiff_t>(std::min(count - files.size(), page.files.size()));
    files.insert(files.end(), page.files.begin(), page.files.begin() + more);
    return {};
  };
  if (whole_) {
    SESHAT_TRY(take(*whole_));
    return files;
  }
  for (size_t i = 0; i < head_.pages.size() && files.size() < count; ++i) SESHAT_TRY(ReadPages(i, i + 1, take, stop));
  return files;
}

Status StoredManifest::ForEachFileBelow(std::string_view prefix, const EachFile& each,
                                        const std::stop_token& stop) const {
  const auto each_of = [&](const ManifestPage& page) { return FilesBelow(page, prefix, each, stop); };
  if (whole_) return each_of(*whole_);
  const auto& pages = head_.pages;
  // The page before the first that begins in the range may end in it.
  const ManifestPageRef* const first = head_.PageOf(prefix);
  const size_t begin = first == nullptr ? 0 : static_cast<size_t>(first - pages.data());
  size_t end = begin;
  while (end < pages.size() && pages[end].totals.files > 0 && (end == begin || pages[end].first.starts_with(prefix)))
    ++end;
  return ReadPages(begin, end, each_of, stop);
}

Result<std::optional<ManifestFile>> StoredManifest::Find(std::string_view path, const std::stop_token& stop) const {
  std::optional<ManifestFile> found;
  const auto look = [&](const ManifestPage& page) -> Status {
    const auto of = [](const ManifestFile& file) -> std::string_view { return file.path; };
    const auto at = std::ranges::lower_bound(page.files, path, {}, of);
    if (at != page.files.end() && at->path == path) found = *at;
    return {};
  };
  if (whole_) {
    SESHAT_TRY(look(*whole_));
    return found;
  }
  const ManifestPageRef* const page = head_.PageOf(path);
  if (page == nullptr) return found;
  const auto index = static_cast<size_t>(page - head_.pages.data());
  SESHAT_TRY(ReadPages(index, index + 1, look, stop));
  return found;
}

}  // namespace seshat::stored
