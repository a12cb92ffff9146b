#include "pipeline/stored_reading.h"

#include <optional>
#include <utility>

#include "ports/blob_transfer.h"
#include "services/records/manifest_reader.h"
#include "services/records/record_reader.h"
#include "services/records/session_list.h"
#include "services/retrieval/selection.h"
#include "services/retrieval/verification.h"

namespace seshat::testing {
namespace {

Result<Manifest> WithFiles(const stored::StoredManifest& stored) {
  Manifest manifest = stored.head();
  SESHAT_TRY(stored.ForEachPage([&](const ManifestPage& page) -> Status {
    manifest.files.insert(manifest.files.end(), page.files.begin(), page.files.end());
    manifest.skipped.insert(manifest.skipped.end(), page.skipped.begin(), page.skipped.end());
    manifest.removed.insert(manifest.removed.end(), page.removed.begin(), page.removed.end());
    return {};
  }));
  return manifest;
}

}  // namespace

Result<std::vector<ChosenFile>> FilesOfGet(BlobStore& store, const SessionId& id) {
  SESHAT_ASSIGN(const auto selection, retrieval::SelectNewest(store, id, retrieval::What::kAll, {}));
  std::vector<ChosenFile> chosen;
  std::optional<Error> failed;
  SESHAT_TRY(selection.ForEachPart(
      [&](const auto& part) {
        for (const auto& file : part.files) chosen.push_back({file.key, file.path, file.size, file.sha256});
        if (!part.failed.empty()) failed = part.failed.front().error;
      },
      {}));
  if (failed) return std::unexpected(*failed);
  return chosen;
}

Result<std::vector<std::string>> ProblemsOfVerify(BlobStore& store, const SessionId& id) {
  SESHAT_ASSIGN(const auto selection, retrieval::SelectNewest(store, id, retrieval::What::kAll, {}));
  SESHAT_ASSIGN(const auto summary,
                retrieval::Verify(store, selection, {.read_data = true}, [](uint64_t, uint64_t) {}, {}));
  std::vector<std::string> problems;
  for (const auto& failed : summary.failed) problems.push_back(failed.path + ": " + failed.error.message);
  return problems;
}

Result<Manifest> NewestStoredManifest(BlobStore& store, const SessionId& id) {
  SESHAT_ASSIGN(const auto stored, stored::ReadNewest(store, id, {}));
  return WithFiles(stored);
}

Result<Manifest> StoredManifest(BlobStore& store, const SessionId& id, uint32_t revision) {
  SESHAT_ASSIGN(const auto stored, stored::ReadRevision(store, id, revision, {}));
  return WithFiles(stored);
}

Result<StoredRecords> RecordsOf(BlobStore& store, const SessionId& id) {
  SESHAT_ASSIGN(const auto all, stored::RecordReader(store).ReadAll(id, {}));
  StoredRecords records;
  for (const auto& record : all.counting) {
    if (record->damage() != nullptr) return std::unexpected(*record->damage());
    if (record->receipt() != nullptr) records.receipts.push_back(*record->receipt());
    if (record->failure() != nullptr) records.failures.push_back(*record->failure());
  }
  return records;
}

Result<std::vector<std::string>> SessionsOf(BlobStore& store) {
  std::vector<std::string> ids;
  SESHAT_TRY(stored::ForEachSession(store,
                                    [&](const SessionId& id) -> Status {
                                      SESHAT_ASSIGN(const auto revisions, stored::ListRevisions(store, id, {}));
                                      if (!revisions.empty()) ids.push_back(id.value());
                                      return {};
                                    },
                                    {}));
  return ids;
}

}  // namespace seshat::testing
