// What people ask of the agent: `seshat status` and `seshat why`. Reads the journal only, so it works beside
// a running agent, from another process, and while there is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "ports/clock.h"
#include "ports/migration_journal.h"

namespace seshat::migration {

enum class SessionState {
  kWaiting,    // not complete yet
  kUploading,  // complete; being stored, or next in line
  kCommitted,  // everything is in the store
  kPartial,    // everything that can be read is in the store
  kConflict,   // another source owns this id
  kGone,       // the source lost it before it was complete
};
std::string_view SessionStateName(SessionState state);  // "waiting", …

struct SessionStatus {
  std::string source;
  std::string id;
  SessionState state = SessionState::kWaiting;
  uint32_t revision = 0;  // newest committed; 0: none
  uint64_t files = 0;     // at the source
  uint64_t bytes = 0;
  uint64_t files_left = 0;  // kUploading: still to be stored, as far as it is known
  uint64_t skipped = 0;
  std::string traceparent;
  std::string why;                 // one or more sentences for people
  std::optional<Timestamp> until;  // when that may be over
  std::optional<Timestamp> committed_at;
};

struct SourceStatus {
  SourceState scan;
  SessionCounts sessions;
};

// The state that a journal record means; also used by status pages.
SessionState StateOf(const SessionRecord& record);

class MigrationView {
 public:
  MigrationView(MigrationJournal& journal, Clock& clock) : journal_(journal), clock_(clock) {}

  // In the order of `sources` (names from the configuration).
  Result<std::vector<SourceStatus>> Sources(const std::vector<std::string>& sources);
  // Why uploads pause at the moment; empty: they do not.
  Result<std::string> UploadProblem();
  // A page of sessions, by source and id.
  Result<std::vector<SessionStatus>> Sessions(const SessionQuery& query);
  // What the session is waiting for and until when, for each source that has it. kNotFound where no scan has
  // seen it, saying what to look at; kInvalidArgument with the reason where it can be no session id.
  Result<std::vector<SessionStatus>> Why(std::string_view session_id);

 private:
  Result<SessionStatus> Describe(const SessionRecord& record);
  // The first entries that the newest revision is without, and why: "a.bin (unreadable: …), …". Paths are raw bytes.
  Result<std::string> NameSkipped(const SessionRef& session);

  MigrationJournal& journal_;
  Clock& clock_;
};

}  // namespace seshat::migration
