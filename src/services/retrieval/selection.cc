#include "services/retrieval/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "services/datasets/datasets.h"
#include "services/records/manifest_reader.h"
#include "services/records/record_reader.h"

namespace seshat::retrieval {
namespace {

// Of files in memory at a time: some 10 MB with long names.
constexpr size_t kMaxPart = 10'000;

WantedFile WantedOf(const SessionId& id, const ManifestFile& file) {
  return {.key = file.key,
          .path = fmt::format("{}/raw/{}", id.value(), file.path),
          .size = file.size,
          .sha256 = file.sha256,
          .checksum = file.checksum,
          .mode = file.mode,
          .modified_at = file.modified_at};
}

WantedFile WantedOf(const Receipt& receipt, const OutputFile& output) {
  return {.key = output.key,
          .path = fmt::format("{}/processed/{}-{}/{}/{}", receipt.session_id, receipt.processor, receipt.version,
                              receipt.path, output.name),
          .size = output.size,
          .sha256 = output.sha256,
          .checksum = output.checksum,
          .modified_at = receipt.finished_at};
}

Error TwiceOnOnePath(const std::string& key) {
  return {ErrorCode::kDataLoss, fmt::format("another file goes to this path already: {} is left out", key)};
}

}  // namespace

Result<Selection> Selection::Of(BlobStore& store, stored::StoredManifest manifest, What what,
                                const std::stop_token& stop) {
  Selection selection;
  Session session{.manifest = std::move(manifest), .raw = what != What::kProcessed};
  if (session.raw) {
    selection.files_ += session.manifest.file_count();
    selection.bytes_ += session.manifest.total_bytes();
  }
  if (what != What::kRaw) {
    stored::RecordReader reader(store);
    SESHAT_ASSIGN(const auto records, reader.ReadFor(session.manifest, stop));
    std::set<std::string> paths;
    for (const auto& record : records.counting) {
      if (record->damage() != nullptr && record->name.receipt)
        session.failed.push_back({record->name.key, *record->damage()});
      const Receipt* receipt = record->receipt();
      if (receipt == nullptr) continue;
      for (const OutputFile& output : receipt->outputs) {
        WantedFile wanted = WantedOf(*receipt, output);
        if (!paths.insert(wanted.path).second) {
          session.failed.push_back({wanted.path, TwiceOnOnePath(wanted.key)});
          continue;
        }
        ++selection.files_;
        selection.bytes_ += wanted.size;
        session.results.push_back(std::move(wanted));
      }
    }
  }
  selection.sessions_.push_back(std::move(session));
  return selection;
}

void Selection::Append(Selection other) {
  for (const Session& session : other.sessions_)
    if (std::ranges::any_of(sessions_, [&](const Session& s) { return s.manifest.id() == session.manifest.id(); }))
      return;
  files_ += other.files_;
  bytes_ += other.bytes_;
  std::ranges::move(other.sessions_, std::back_inserter(sessions_));
}

Status Selection::ForEachPart(const std::function<void(const Part&)>& each, const std::stop_token& stop) const {
  Part part;
  const auto add = [&](WantedFile file) {
    part.files.push_back(std::move(file));
    if (part.files.size() < kMaxPart) return;
    each(part);
    part = {};
  };
  for (const Session& session : sessions_) {
    std::ranges::copy(session.failed, std::back_inserter(part.failed));
    if (session.raw) {
      std::optional<std::string> last;  // manifests are sorted, so a name that is there twice comes twice in a row
      SESHAT_TRY(session.manifest.ForEachFile(
          [&](const ManifestFile& file) -> Status {
            WantedFile wanted = WantedOf(session.manifest.id(), file);
            if (last == file.path) {
              part.failed.push_back({wanted.path, TwiceOnOnePath(wanted.key)});
            } else {
              add(std::move(wanted));
            }
            last = file.path;
            return {};
          },
          stop));
    }
    for (const WantedFile& result : session.results) add(result);
  }
  if (!part.files.empty() || !part.failed.empty()) each(part);
  return {};
}

Result<stored::StoredManifest> FindNewest(BlobStore& store, const SessionId& id, const std::stop_token& stop) {
  auto manifest = stored::ReadNewest(store, id, stop);
  if (!manifest && manifest.error().code == ErrorCode::kNotFound)
    return Fail(ErrorCode::kNotFound, fmt::format("there is no session '{}' in the store", id.value()));
  return manifest;
}

Result<Selection> SelectNewest(BlobStore& store, const SessionId& id, What what, const std::stop_token& stop) {
  SESHAT_ASSIGN(auto manifest, FindNewest(store, id, stop));
  return Selection::Of(store, std::move(manifest), what, stop);
}

Result<DatasetSelection> SelectDataset(BlobStore& store, const Dataset& dataset, What what,
                                       const std::stop_token& stop) {
  DatasetSelection selected;
  std::vector<stored::StoredManifest> manifests;
  datasets::ReadDatasetManifests(
      store, dataset,
      [&](const DatasetSession& session, Result<stored::StoredManifest> manifest) {
        if (manifest) {
          manifests.push_back(*std::move(manifest));
        } else {
          selected.unreadable.push_back({session.session_id, std::move(manifest).error()});
        }
      },
      stop);
  for (stored::StoredManifest& manifest : manifests) {
    SESHAT_ASSIGN(auto more, Selection::Of(store, std::move(manifest), what, stop));
    selected.selection.Append(std::move(more));
  }
  return selected;
}

}  // namespace seshat::retrieval
