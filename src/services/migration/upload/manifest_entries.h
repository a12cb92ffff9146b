// What a session's manifest lists, entry by entry from the journal's records: stored files, then skipped entries, then
// removed paths, each by path. Memory does not depend on the number of files.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"
#include "ports/migration_journal.h"

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

// Whether the newest manifest has a file that the plan, which did not meet it, must list as removed.
bool IsRemoved(const FileRecord& file, uint64_t committed_plan);

struct RemovedPath {
  std::string path;
};
// The first: there are no more.
using ManifestEntry = std::variant<std::monostate, ManifestFile, SkippedEntry, RemovedPath>;

// The same records always make the same entries.
class ManifestEntries {
 public:
  // The journal must outlive it. kInvalidArgument where the session's name is no id.
  static Result<ManifestEntries> Make(MigrationJournal& journal, ManifestRequest request);

  // The entry that Advance would leave behind. Valid until then. The errors are the journal's.
  Result<const ManifestEntry*> Current();
  void Advance() { loaded_ = false; }

 private:
  enum class Section { kFiles, kSkipped, kRemoved, kEnd };

  ManifestEntries(MigrationJournal& journal, ManifestRequest request, SessionId id)
      : journal_(&journal), request_(std::move(request)), id_(std::move(id)) {}

  Status LoadPage();
  Result<ManifestEntry> EntryOf(const FileRecord& file) const;

  MigrationJournal* journal_;
  ManifestRequest request_;
  SessionId id_;
  Section section_ = Section::kFiles;
  std::vector<FileRecord> page_;
  size_t next_ = 0;
  std::string after_;
  bool last_page_ = false;  // of the section
  bool begun_ = false;      // the section has a page
  bool loaded_ = false;
  ManifestEntry current_;
};

}  // namespace seshat::migration
