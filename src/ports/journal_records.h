// What a migration agent remembers: the records of ports/migration_journal.h, changes to them and questions about them.
// Values without behaviour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/digest/sha256.h"
#include "core/records/event.h"
#include "core/records/fingerprint.h"
#include "core/records/storage_class.h"

namespace seshat {

struct SessionRef {
  std::string source;
  std::string id;
  auto operator<=>(const SessionRef&) const = default;
};

// As the last scan that found something new saw the session.
struct Observation {
  Fingerprint fingerprint;
  Timestamp changed_at{};  // when a scan first saw this fingerprint
  uint64_t files = 0;
  uint64_t bytes = 0;
  bool complete = false;           // the source's rules were met with this very fingerprint
  bool gone = false;               // the source no longer has it
  std::string waiting_for;         // for people; empty when complete
  std::optional<Timestamp> until;  // when that may be over
  std::string traceparent;         // from the first scan that saw something new
  bool operator==(const Observation&) const = default;
};

enum class Ownership { kNone, kClaiming, kOwned, kConflict };

enum class Stage {
  kIdle,       // nothing in the making
  kUploading,  // files of revision `revision + 1` are being stored; a new plan begins anew at no cost
  kSealed,     // the manifest's bytes are fixed and it may be in the store: it must be put
};

struct Progress {
  Ownership ownership = Ownership::kNone;
  std::string nonce;  // of owner.json
  Timestamp claimed_at{};
  std::string owner_put_state;  // PutRequest::resume_state

  uint32_t revision = 0;        // newest committed; 0: none
  uint64_t committed_plan = 0;  // the plan it was made from
  Timestamp committed_at{};
  Fingerprint settled;        // nothing is left to do for this fingerprint
  uint64_t stored_files = 0;  // of the newest revision
  uint64_t stored_bytes = 0;
  uint64_t skipped = 0;  // entries that could not be stored: the session is partial

  uint64_t plan = 0;  // counts upload attempts; FileRecord::plan
  Stage stage = Stage::kIdle;
  Fingerprint planned;      // what is being uploaded
  std::string traceparent;  // of the revision in the making, otherwise of the newest
  Timestamp sealed_at{};    // Manifest::migrated_at
  std::optional<Sha256> manifest_sha256;
  std::string manifest_put_state;

  Timestamp retry_at{};    // not to be tried before
  uint32_t attempts = 0;   // since the last success
  Timestamp recheck_at{};  // to be tried then although settled: what was unreadable may not be; the epoch: no
  std::string problem;     // of the last attempt, for people
  Timestamp cleaned_at{};  // when the source was emptied; the epoch: never
  bool operator==(const Progress&) const = default;
};

struct SessionRecord {
  SessionRef session;
  Observation observation;
  Progress progress;
  bool operator==(const SessionRecord&) const = default;
};

enum class FileState {
  kPending,   // to be stored
  kIntended,  // `sha256` or `put_state` was journaled, and a put may have happened
  kStored,
  kSkipped,  // see `skip_kind` and `problem`
};

struct FileRecord {
  std::string path;           // relative to the session, raw bytes
  uint64_t plan = 0;          // the last plan that had it
  uint64_t changed_plan = 0;  // the last plan for which it differed from the newest manifest
  uint64_t in_plan = 0;       // the committed plan that had it before `plan` did; 0: none
  FileState state = FileState::kPending;
  FileStat stat;  // what the plan saw
  // Of kPending, kStored and kSkipped with a digest that is not all zero, and of kIntended: what lies, or may lie,
  // in the store.
  FileStat stored;              // the attributes when those bytes were read
  uint32_t since_revision = 1;  // with `rewrite` and `path` the key (keys::Raw)
  uint32_t rewrite = 0;
  Sha256 sha256;
  StorageClass storage_class = StorageClass::kStandard;
  std::string checksum;
  std::string put_state;  // PutRequest::resume_state
  // kSkipped: why. kStored: an older version is in the store, but what the source has now cannot be read.
  std::string skip_kind;
  std::string problem;
  bool cleaned = false;  // deleted from the source by the agent (or about to be)
  bool operator==(const FileRecord&) const = default;
};

// What `status` shows of a source beyond its sessions. The record of the empty name is the agent's own: its problem is
// why uploads pause, its scanned_at since when.
struct SourceState {
  std::string source;
  Timestamp scanned_at{};
  std::optional<Timestamp> next_scan_at;
  uint64_t entries = 0;  // at the last scan
  uint64_t loose = 0;    // that belong to no session
  uint64_t refused = 0;  // directories and groups whose names cannot be session ids
  std::string problem;   // of the last scan; empty: none
  bool operator==(const SourceState&) const = default;
};

// One atomic, durable change. Parts that are not named stay as they are.
struct JournalChange {
  std::vector<std::pair<SessionRef, Observation>> observations;  // replaced, made where missing
  std::vector<std::pair<SessionRef, Progress>> progress;
  std::vector<std::pair<SessionRef, FileRecord>> files;  // replaced by path; their session is made where missing
  std::vector<SourceState> sources;
  std::vector<Event> outbox;           // to be published, in this order
  std::vector<std::string> published;  // ids of events to be forgotten; an unknown one is no error
};

enum class SessionFilter {
  kAll,
  kWaiting,  // there, and not complete
  kUpload,   // sealed, or complete, there, and not settled or with a recheck_at; conflicts included
  kCleanup,  // committed, settled, complete, nothing skipped, not cleaned yet
};

struct SessionQuery {
  std::string source;  // empty: all sources
  std::string id;      // empty: all sessions
  SessionFilter filter = SessionFilter::kAll;
  // kUpload: retry_at, and of settled ones recheck_at, not after this; kCleanup: committed_at not after this. Absent:
  // due or not. The other filters do not look at it.
  std::optional<Timestamp> due;
  std::optional<SessionRef> after;  // page: greater than this
  size_t limit = 1000;
};

struct FileQuery {
  SessionRef session;
  std::string after;  // paths greater than this, by bytes
  size_t limit = 256;
  std::optional<uint64_t> plan;      // of this plan only
  std::optional<uint64_t> not_plan;  // of other plans only
  bool unfinished = false;           // kPending and kIntended only
};

struct SessionCounts {
  uint64_t sessions = 0;
  uint64_t waiting = 0;    // there, and not complete
  uint64_t uploading = 0;  // there, complete, not settled, no conflict
  uint64_t committed = 0;  // with at least one revision, partial ones included
  uint64_t partial = 0;
  uint64_t conflicts = 0;
  uint64_t backlog_bytes = 0;  // of waiting and uploading ones
  std::string last_session;    // the one committed last; of several at one time the greatest id
  Timestamp last_committed_at{};
};

}  // namespace seshat
