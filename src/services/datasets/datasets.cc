#include "services/datasets/datasets.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "services/records/manifest_reader.h"

namespace seshat::datasets {
namespace {

// Ten million sessions stay below this.
constexpr uint64_t kMaxDatasetBytes = 4ULL << 30;
// Hits come with their whole documents, so a page is kept small.
constexpr size_t kPage = 500;

// What the index or a dataset says of a manifest; kDataLoss where its words are no id or no key.
Result<stored::ManifestRef> RefOf(const std::string& session_id, uint32_t revision, const std::string& manifest_key,
                                  const std::optional<Sha256>& sha256) {
  auto id = SessionId::Parse(session_id);
  auto key = BlobKey::Parse(manifest_key);
  if (!id || !key)
    return Fail(ErrorCode::kDataLoss, fmt::format("'{}' of session '{}' can be no manifest: {}", manifest_key,
                                                  session_id, id ? key.error().message : id.error().message));
  return stored::ManifestRef{.id = *std::move(id), .revision = revision, .key = *std::move(key), .sha256 = sha256};
}

// Every hit once. Sessions that are indexed while the pages are read may be among them or not.
Result<std::vector<stored::ManifestRef>> FindSessions(MetadataStore& index, SearchRequest search,
                                                      const std::stop_token& stop) {
  search.sort = {};
  search.limit = kPage;
  search.facets.clear();
  std::vector<stored::ManifestRef> found;
  std::set<std::string> ids;
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "stopped before all sessions were found");
    SESHAT_ASSIGN(SearchPage page, index.Search(search));
    for (const SearchHit& hit : page.hits) {
      const SessionDocument& document = hit.document;
      if (!ids.insert(document.session_id).second) continue;
      SESHAT_ASSIGN(auto ref, RefOf(document.session_id, document.revision, document.manifest_key, {}));
      found.push_back(std::move(ref));
    }
    search.cursor = std::move(page.next_cursor);
  } while (!search.cursor.empty());
  std::ranges::sort(found, {}, &stored::ManifestRef::id);
  return found;
}

DatasetSession SessionOf(const stored::StoredManifest& manifest) {
  return {.session_id = manifest.id().value(),
          .revision = manifest.revision(),
          .manifest_key = manifest.key().value(),
          .manifest_sha256 = manifest.sha256(),
          .files = manifest.file_count(),
          .bytes = manifest.total_bytes()};
}

Result<std::vector<DatasetSession>> Pin(BlobStore& store, const std::vector<stored::ManifestRef>& found,
                                        const std::stop_token& stop) {
  std::vector<DatasetSession> sessions(found.size());
  Status status;
  stored::ReadManifests(
      store, found,
      [&](size_t i, Result<stored::StoredManifest> read) {
        if (read) {
          sessions[i] = SessionOf(*read);
        } else if (status) {
          status = std::unexpected(
              std::move(read.error())
                  .WithContext(fmt::format("session '{}', as the index has it (seshat reindex rebuilds it)",
                                           found[i].id.value())));
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
    for (const BlobInfo& blob : page.blobs)
      if (auto name = keys::ParseDatasetRecord(blob.key)) names.push_back(*std::move(name));
    options.start_after = std::move(page.next_start_after);
  } while (!options.start_after.empty());
  return names;
}

void ReadDatasetManifests(BlobStore& store, const Dataset& dataset,
                          const std::function<void(const DatasetSession&, Result<stored::StoredManifest>)>& each,
                          std::stop_token stop) {
  std::vector<stored::ManifestRef> wanted;
  std::vector<const DatasetSession*> sessions;  // of `wanted`
  for (const DatasetSession& session : dataset.sessions) {
    auto ref = RefOf(session.session_id, session.revision, session.manifest_key, session.manifest_sha256);
    if (!ref) {
      each(session, std::unexpected(std::move(ref).error()));
      continue;
    }
    wanted.push_back(*std::move(ref));
    sessions.push_back(&session);
  }
  stored::ReadManifests(
      store, wanted, [&](size_t i, Result<stored::StoredManifest> read) { each(*sessions[i], std::move(read)); },
      std::move(stop));
}

}  // namespace seshat::datasets
