#include "services/records/stored_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/bytes.h"
#include "core/records/keys.h"

namespace seshat::stored {

Result<StoredManifest> StoredManifest::Open(BlobStore&, const ManifestRef& ref, std::string_view bytes) {
  const std::string& key = ref.key.value();
  const Sha256 sha256 = Sha256::Of(AsBytes(bytes));
  if (ref.sha256 && sha256 != *ref.sha256)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("{} is not the manifest that was announced: its SHA-256 is {}, and must be {}", key,
                            sha256.ToHex(), ref.sha256->ToHex()));
  auto manifest = records::DecodeManifest(bytes);
  if (!manifest) return std::unexpected(std::move(manifest).error().WithContext("reading " + key));
  const bool in_its_place = keys::RevisionOfManifest(ref.id, key) == manifest->revision;
  if (manifest->session_id != ref.id.value() || manifest->revision != ref.revision || !in_its_place)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("{} is the manifest of another session or revision: it says revision {} of session '{}'",
                            key, manifest->revision, manifest->session_id));
  return StoredManifest(ref, sha256, *std::move(manifest));
}

StoredManifest::StoredManifest(const ManifestRef& ref, const Sha256& sha256, Manifest manifest)
    : id_(ref.id), key_(ref.key), sha256_(sha256), head_(std::move(manifest)), files_(std::exchange(head_.files, {})) {
  for (const ManifestFile& file : files_) total_bytes_ += file.size;
}

Status StoredManifest::ForEachFile(const EachFile& each, const std::stop_token& stop) const {
  for (const ManifestFile& file : files_) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "reading a manifest was stopped");
    SESHAT_TRY(each(file));
  }
  return {};
}

Result<std::optional<ManifestFile>> StoredManifest::Find(std::string_view path, const std::stop_token&) const {
  const auto of = [](const ManifestFile& file) -> std::string_view { return file.path; };
  const auto it = std::ranges::lower_bound(files_, path, {}, of);
  if (it == files_.end() || it->path != path) return std::nullopt;
  return *it;
}

}  // namespace seshat::stored
