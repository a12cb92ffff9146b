// The bytes of a session's manifest, made from the journal's records: one object, or a head and the pages that it names
// (core/records/manifest_pages.h). Memory does not depend on the number of files, and the same records always make the
// same bytes, so pages are made twice: once to know what the head says of them, and once to store them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/manifest.h"
#include "core/records/manifest_pages.h"
#include "ports/migration_journal.h"
#include "services/migration/scan/session_walk.h"
#include "services/migration/upload/manifest_entries.h"

namespace seshat::migration {

// What the records say, before the bytes are made.
struct ManifestSurvey {
  bool changed = false;  // differs from the newest manifest
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t skipped = 0;
  uint64_t unreadable = 0;  // of the skipped ones: may become readable
  Manifest head;            // all fields but the lists
};

// kInternal where files of the plan are not finished.
Result<ManifestSurvey> SurveyManifest(MigrationJournal& journal, const SourceLayout& layout,
                                      const ManifestRequest& request);

// Makes pages one after the other.
class ManifestPages {
 public:
  // The journal must outlive it.
  static Result<ManifestPages> Make(MigrationJournal& journal, const ManifestRequest& request,
                                    const ManifestLimits& limits);

  // Nothing after the last. Errors: the journal's; kResourceExhausted beyond kMaxManifestPages.
  Result<std::optional<records::ManifestPageText>> Next();

 private:
  ManifestPages(ManifestEntries entries, SessionId id, uint32_t revision, const ManifestLimits& limits)
      : entries_(std::move(entries)), id_(std::move(id)), revision_(revision), limits_(limits) {}

  ManifestEntries entries_;
  SessionId id_;
  uint32_t revision_;
  ManifestLimits limits_;
  uint32_t number_ = 0;
};

struct ManifestText {
  std::string text;  // what lies under the manifest's key
  Sha256 sha256;
  std::vector<ManifestPageRef> pages;  // empty: the text is all
};

Result<ManifestText> MakeManifestText(MigrationJournal& journal, const ManifestRequest& request,
                                      const ManifestSurvey& survey, const ManifestLimits& limits);

}  // namespace seshat::migration
