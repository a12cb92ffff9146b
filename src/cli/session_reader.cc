#include "cli/session_reader.h"

#include <fmt/format.h>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"

namespace seshat::cli {
namespace {

// A manifest of a million files with long names stays below this.
constexpr uint64_t kMaxRecordBytes = 1ULL << 30;

Status ForEachKey(BlobStore& store, const std::string& prefix, const std::function<Status(const std::string&)>& each) {
  ListOptions options{.prefix = prefix};
  do {
    SESHAT_ASSIGN(const ListPage page, store.List(options));
    for (const BlobInfo& blob : page.blobs) SESHAT_TRY(each(blob.key));
    options.start_after = page.next_start_after;
  } while (!options.start_after.empty());
  return {};
}

}  // namespace

Result<Manifest> NewestManifest(BlobStore& store, const SessionId& id) {
  std::string newest;
  SESHAT_TRY(ForEachKey(store, keys::ManifestPrefix(id), [&](const std::string& key) -> Status {
    if (keys::RevisionOfManifest(id, key)) newest = key;
    return {};
  }));
  if (newest.empty())
    return Fail(ErrorCode::kNotFound, fmt::format("there is no session '{}' in the store", id.value()));
  SESHAT_ASSIGN(const BlobKey key, BlobKey::Parse(newest));
  SESHAT_ASSIGN(const std::string text, GetBytes(store, key, kMaxRecordBytes));
  auto manifest = records::DecodeManifest(text);
  if (!manifest) return std::unexpected(std::move(manifest.error()).WithContext(newest));
  if (manifest->session_id != id.value())
    return Fail(ErrorCode::kDataLoss, fmt::format("{} belongs to session '{}'", newest, manifest->session_id));
  return manifest;
}

Result<std::vector<Receipt>> ReceiptsOf(BlobStore& store, const SessionId& id) {
  std::vector<Receipt> receipts;
  SESHAT_TRY(ForEachKey(store, keys::ProcessedPrefix(id), [&](const std::string& text) -> Status {
    if (!text.ends_with("/receipt.json")) return {};
    SESHAT_ASSIGN(const BlobKey key, BlobKey::Parse(text));
    SESHAT_ASSIGN(const std::string json, GetBytes(store, key, kMaxRecordBytes));
    auto receipt = records::DecodeReceipt(json);
    if (!receipt) {
      // A processor may call an output of its own receipt.json, one level further down.
      return receipt.error().code == ErrorCode::kDataLoss ? Status{} : std::unexpected(receipt.error());
    }
    SESHAT_ASSIGN(const BlobKey raw, BlobKey::Parse(receipt->raw_key));
    const bool in_its_place =
        text == keys::ResultPrefix(id, receipt->processor, receipt->version, raw) + "receipt.json";
    if (in_its_place) receipts.push_back(std::move(*receipt));
    return {};
  }));
  return receipts;
}

Status ForEachSession(BlobStore& store, const std::function<bool(const SessionId&)>& each) {
  ListOptions options{.fold_folders = true};
  do {
    SESHAT_ASSIGN(const ListPage page, store.List(options));
    for (const std::string& folder : page.folders) {
      const auto id = SessionId::Parse(folder.substr(0, folder.size() - 1));
      if (!id) continue;
      SESHAT_ASSIGN(const ListPage manifests, store.List({.prefix = keys::ManifestPrefix(*id), .limit = 1}));
      if (!manifests.blobs.empty() && !each(*id)) return {};
    }
    options.start_after = page.next_start_after;
  } while (!options.start_after.empty());
  return {};
}

}  // namespace seshat::cli
