#include "services/datasets/datasets.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "services/datasets/pinned_manifests.h"

namespace seshat::datasets {
namespace {

constexpr std::string_view kSuffix = ".json";
// Ten million sessions stay below this.
constexpr uint64_t kMaxDatasetBytes = 4ULL << 30;
// Hits come with their whole documents, so a page is kept small.
constexpr size_t kPage = 500;

// Every hit once. Sessions that are indexed while the pages are read may be among them or not.
Result<std::vector<PinnedManifest>> FindSessions(MetadataStore& index, SearchRequest search,
                                                 const std::stop_token& stop) {
  search.sort = {};
  search.limit = kPage;
  search.facets.clear();
  std::vector<PinnedManifest> found;
  std::set<std::string> ids;
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "stopped before all sessions were found");
    SESHAT_ASSIGN(SearchPage page, index.Search(search));
    for (SearchHit& hit : page.hits) {
      SessionDocument& document = hit.document;
      if (ids.insert(document.session_id).second)
        found.push_back({std::move(document.session_id), document.revision, std::move(document.manifest_key), {}});
    }
    search.cursor = std::move(page.next_cursor);
  } while (!search.cursor.empty());
  std::ranges::sort(found, {}, &PinnedManifest::session_id);
  return found;
}

DatasetSession SessionOf(const PinnedManifest& pinned, const ReadManifest& read) {
  return {.session_id = pinned.session_id,
          .revision = pinned.revision,
          .manifest_key = pinned.key,
          .manifest_sha256 = read.sha256,
          .files = read.manifest.files.size(),
          .bytes = read.manifest.TotalBytes()};
}

Result<std::vector<DatasetSession>> Pin(BlobStore& store, const std::vector<PinnedManifest>& found,
                                        const std::stop_token& stop) {
  std::vector<DatasetSession> sessions(found.size());
  Status status;
  ReadManifests(
      store, found,
      [&](size_t i, Result<ReadManifest> read) {
        if (read) {
          sessions[i] = SessionOf(found[i], *read);
        } else if (status) {
          status = std::unexpected(
              std::move(read.error())
                  .WithContext(fmt::format("session '{}', as the index has it (seshat reindex rebuilds it)",
                                           found[i].session_id)));
        }
      },
      stop);
  SESHAT_TRY(status);
  return sessions;
}

}  // namespace

Result<Dataset> CreateDataset(BlobStore& store, MetadataStore& index, const DatasetRequest& request,
                              const std::stop_token& stop) {
  SESHAT_ASSIGN(const BlobKey key, keys::DatasetRecord(request.name));
  SESHAT_ASSIGN(const auto found, FindSessions(index, request.search, stop));
  if (found.empty())
    return Fail(ErrorCode::kInvalidArgument, "no session matches: there is nothing to make a dataset of");
  Dataset dataset{.name = request.name,
                  .description = request.description,
                  .query = request.query,
                  .understood_as = request.understood_as,
                  .created_at = request.now};
  SESHAT_ASSIGN(dataset.sessions, Pin(store, found, stop));
  const auto put = PutBytes(store, key, records::EncodeDataset(dataset));
  if (!put && put.error().code == ErrorCode::kAlreadyExists)
    return Fail(
        ErrorCode::kAlreadyExists,
        fmt::format("there is a dataset '{}' already, and datasets never change: choose another name", request.name));
  if (!put) return std::unexpected(put.error());
  return dataset;
}

Result<Dataset> ReadDataset(BlobStore& store, std::string_view name) {
  SESHAT_ASSIGN(const BlobKey key, keys::DatasetRecord(name));
  const auto text = GetBytes(store, key, kMaxDatasetBytes);
  if (!text && text.error().code == ErrorCode::kNotFound)
    return Fail(ErrorCode::kNotFound, fmt::format("there is no dataset '{}'", name));
  if (!text) return std::unexpected(text.error());
  auto dataset = records::DecodeDataset(*text);
  if (!dataset) return std::unexpected(std::move(dataset.error()).WithContext(key.value()));
  if (dataset->name != name)
    return Fail(ErrorCode::kDataLoss, fmt::format("{} holds dataset '{}'", key.value(), dataset->name));
  return dataset;
}

Result<std::vector<std::string>> ListDatasets(BlobStore& store) {
  std::vector<std::string> names;
  ListOptions options{.prefix = std::string(keys::kDatasetPrefix)};
  do {
    SESHAT_ASSIGN(ListPage page, store.List(options));
    for (const BlobInfo& blob : page.blobs) {
      std::string_view name = blob.key;
      name.remove_prefix(keys::kDatasetPrefix.size());
      if (!name.ends_with(kSuffix)) continue;
      name.remove_suffix(kSuffix.size());
      if (keys::DatasetRecord(name)) names.emplace_back(name);
    }
    options.start_after = std::move(page.next_start_after);
  } while (!options.start_after.empty());
  return names;
}

void ReadDatasetManifests(BlobStore& store, const Dataset& dataset,
                          const std::function<void(const DatasetSession&, Result<Manifest>)>& each,
                          std::stop_token stop) {
  std::vector<PinnedManifest> wanted;
  wanted.reserve(dataset.sessions.size());
  for (const DatasetSession& session : dataset.sessions)
    wanted.push_back({session.session_id, session.revision, session.manifest_key, session.manifest_sha256});
  ReadManifests(
      store, wanted,
      [&](size_t i, Result<ReadManifest> read) {
        if (!read) return each(dataset.sessions[i], std::unexpected(std::move(read.error())));
        each(dataset.sessions[i], std::move(read->manifest));
      },
      std::move(stop));
}

}  // namespace seshat::datasets
