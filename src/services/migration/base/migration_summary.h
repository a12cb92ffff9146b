// What one step of the migration service did, or a dry run would do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"

namespace seshat::migration {

struct ScanSummary {
  uint64_t sessions = 0;
  uint64_t entries = 0;
  uint64_t loose = 0;                 // files that belong to no session
  uint64_t refused = 0;               // names that cannot be session ids
  uint64_t changed = 0;               // sessions whose observation changed
  uint64_t completed = 0;             // sessions found complete by this scan
  std::optional<Timestamp> next_due;  // the earliest moment at which a waiting session may become complete
};

struct UploadSummary {
  uint64_t sessions = 0;  // revisions committed
  uint64_t files = 0;     // stored
  uint64_t bytes = 0;
  uint64_t not_ready = 0;  // sessions that changed meanwhile
  bool idle = true;        // nothing was there to do
  Status store;            // the store's trouble, if that ended it
};

enum class DryRunAction { kUpload, kKeep, kSkip, kWait, kRefuse };
std::string_view DryRunActionName(DryRunAction action);  // "upload", "keep", …

struct DryRunLine {
  std::string session_id;  // raw bytes where refused
  std::string path;        // empty: the whole session
  uint64_t size = 0;
  DryRunAction action = DryRunAction::kUpload;
  std::string why;
};

}  // namespace seshat::migration
