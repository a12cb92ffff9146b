#include "support/paged_manifest.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"

namespace seshat::testing {

PagedManifest InPages(const Manifest& manifest, const ManifestLimits& limits) {
  const SessionId id = SessionId::Parse(manifest.session_id).value();
  PagedManifest out;
  std::vector<ManifestPageRef> refs;
  const auto begin = [&] {
    return records::ManifestListsBuilder(
        records::EncodeManifestPageOpening(id, manifest.revision, static_cast<uint32_t>(refs.size() + 1)), limits);
  };
  auto lists = begin();
  const auto finish = [&] {
    const auto number = static_cast<uint32_t>(refs.size() + 1);
    auto page = records::FinishManifestPage(id, manifest.revision, number, std::move(lists)).value();
    refs.push_back(page.ref);
    out.pages.push_back(std::move(page));
    lists = begin();
  };
  const auto add_all = [&](const auto& list, const auto& add) {
    for (const auto& entry : list) {
      if (add(entry)) continue;
      finish();
      add(entry);
    }
  };
  add_all(manifest.files, [&](const ManifestFile& file) { return lists.Add(file); });
  add_all(manifest.skipped, [&](const SkippedEntry& entry) { return lists.Add(entry); });
  add_all(manifest.removed, [&](const std::string& path) { return lists.AddRemoved(path); });
  if (!lists.empty()) finish();
  out.head = records::EncodeManifestHeadOfPages(manifest, refs);
  return out;
}

Sha256 PutInPages(BlobStore& store, const Manifest& manifest, const ManifestLimits& limits) {
  const PagedManifest paged = InPages(manifest, limits);
  for (const auto& page : paged.pages) PutBytes(store, BlobKey::Parse(page.ref.key).value(), page.text).value();
  const SessionId id = SessionId::Parse(manifest.session_id).value();
  return PutBytes(store, keys::Manifest(id, manifest.revision).value(), paged.head).value().sha256;
}

Result<Manifest> ReadWholeManifest(BlobStore& store, const std::string& key) {
  SESHAT_ASSIGN(const BlobKey parsed, BlobKey::Parse(key));
  SESHAT_ASSIGN(const std::string text, GetBytes(store, parsed, kMaxManifestBytes));
  SESHAT_ASSIGN(ManifestHead head, records::DecodeManifestHead(text));
  Manifest whole = head.manifest;
  for (size_t i = 0; i < head.pages.size(); ++i) {
    SESHAT_ASSIGN(const BlobKey page_key, BlobKey::Parse(head.pages[i].key));
    SESHAT_ASSIGN(const std::string page_text, GetBytes(store, page_key, kMaxManifestPageBytes));
    SESHAT_ASSIGN(ManifestPage page, records::DecodeManifestPage(head, i, page_text));
    std::ranges::move(page.files, std::back_inserter(whole.files));
    std::ranges::move(page.skipped, std::back_inserter(whole.skipped));
    std::ranges::move(page.removed, std::back_inserter(whole.removed));
  }
  return whole;
}

}  // namespace seshat::testing
