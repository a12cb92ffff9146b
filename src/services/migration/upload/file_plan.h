// What is to be done for one file of a session, from what the source has now and what the journal knows. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/records/session_id.h"
#include "ports/migration_journal.h"
#include "ports/source_tree.h"

namespace seshat::migration {

struct PlanNumbers {
  uint64_t plan = 1;
  uint64_t committed_plan = 0;
  uint32_t target = 1;            // the revision in the making
  uint64_t small_file_bytes = 0;  // files above are not read twice only to find that they changed
};

// True where bytes of the file are known to be in the store, under the key that the record names.
inline bool HasStoredBytes(const FileRecord& file) {
  return file.state != FileState::kIntended && file.sha256 != Sha256{};
}

// Something that is not a regular file, or cannot be read or named. What the store has already is kept only by
// KeepStored below.
void SkipFile(FileRecord& file, const PlanNumbers& numbers, std::string_view kind, std::string_view reason);

// The bytes go to a new key: the one before holds others, or may.
void MoveToNextKey(FileRecord& file, const PlanNumbers& numbers);

// The bytes under the file's key are what the source has now.
void MarkStored(FileRecord& file, const PlanNumbers& numbers, const Sha256& sha256);

// The file cannot be read now, but an older version is in the store: the manifest lists both facts.
void KeepStored(FileRecord& file, const PlanNumbers& numbers, std::string_view reason);

// `abandon` is set to the state of a resumable put that can no longer be finished.
FileRecord PlanFile(const SessionId& id, std::optional<FileRecord> before, const SourceEntry& entry,
                    std::string_view path, const PlanNumbers& numbers, std::optional<FileRecord>& abandon);

// Whether a record that the current plan did not meet was in the newest manifest.
inline bool WasCommitted(const FileRecord& file, uint64_t committed_plan) {
  return committed_plan != 0 && (file.plan == committed_plan || file.in_plan == committed_plan);
}

}  // namespace seshat::migration
