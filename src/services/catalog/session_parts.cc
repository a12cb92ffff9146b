#include "services/catalog/session_parts.h"

#include <string>
#include <utility>

#include "services/records/document_results.h"
#include "services/records/manifest_reader.h"

namespace seshat::catalog {
namespace {

constexpr size_t kFilesAtATime = 1000;

SessionStorage UrlsOf(const BlobStore& store, const SessionDocument& part) {
  SessionStorage storage;
  const auto add = [&](const std::string& text) {
    const auto key = BlobKey::Parse(text);
    storage.places[text] = {.url = key ? store.Url(*key) : ""};
  };
  for (const FileDocument& file : part.files) {
    add(file.key);
    for (const ResultDocument& result : file.results)
      for (const auto& output : result.outputs) add(output.key);
  }
  return storage;
}

}  // namespace

Status ForEachFurtherPart(BlobStore& store, const SessionDocument& document, const EachPart& each,
                          const std::stop_token& stop) {
  if (document.files.size() >= document.file_count) return {};
  SESHAT_ASSIGN(SessionId id, SessionId::Parse(document.session_id));
  SESHAT_ASSIGN(BlobKey key, BlobKey::Parse(document.manifest_key));
  const stored::ManifestRef ref{.id = std::move(id), .revision = document.revision, .key = std::move(key)};
  SESHAT_ASSIGN(const auto manifest, stored::ReadManifest(store, ref, stop));
  SESHAT_ASSIGN(const auto results, stored::RecordReader(store).ReadFor(manifest, stop));
  SessionDocument part{.session_id = document.session_id};
  const auto flush = [&] {
    if (part.files.empty()) return;
    stored::AddResults(results, part);
    each(part, UrlsOf(store, part));
    part.files.clear();
  };
  uint64_t passed = 0;
  SESHAT_TRY(manifest.ForEachFile(
      [&](const ManifestFile& file) -> Status {
        if (passed++ < document.files.size()) return {};
        part.files.push_back({records::EncodePath(file.path), file.key, file.size, file.sha256, {}});
        if (part.files.size() == kFilesAtATime) flush();
        return {};
      },
      stop));
  flush();
  return {};
}

}  // namespace seshat::catalog
