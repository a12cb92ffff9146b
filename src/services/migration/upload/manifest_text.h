// The bytes of a session's manifest, made from the journal's records as often as they are needed, so that memory
// does not depend on the number of files. The same records always make the same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "ports/migration_journal.h"
#include "services/migration/scan/session_walk.h"

namespace seshat::migration {

struct ManifestRequest {
  SessionRef session;
  uint32_t revision = 1;
  uint64_t plan = 1;
  uint64_t committed_plan = 0;
  std::string agent_id;
  std::string traceparent;
  Timestamp migrated_at{};
};

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

struct ManifestText {
  uint64_t size = 0;
  Sha256 sha256;
  std::shared_ptr<BlobSource> body;  // reads the journal where the text is larger than 4 MiB
};

Result<ManifestText> MakeManifestText(MigrationJournal& journal, const ManifestRequest& request,
                                      const ManifestSurvey& survey);

}  // namespace seshat::migration
