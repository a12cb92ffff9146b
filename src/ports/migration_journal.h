// MigrationJournal: what a migration agent must remember over a crash. Only the agent writes it; `status` and `why`
// read it beside the agent. Losing it turns every session of its sources into a conflict, because the agent may not read
// the blob store.
//
// Three parts of a session have one writer each, so that no update is ever lost between them: the Observation is the scan
// thread's; the Progress and the files are the upload thread's. A change names what it replaces, and leaves the rest of
// the session as it is. Nothing is ever deleted but published events.
//
// Durability: a change is safe from power cuts when Apply returns, and all of it or nothing is there, whatever happens
// in between. Readers see it at once, and never a part of it within one call.
// Ownership: two agents never have one journal. Who opens a second one is refused with kAlreadyExists, while the first
// lives; readers are not counted.
// Order: sessions by source and id, files by path, all as bytes; events as they were added.
// Thread safety: all methods, from any thread. Each is bounded by what it lists; none waits but for the disk and for
// another thread's call.
// Adapters: memory_journal (tests), sqlite_journal. Suite: conformance/migration_journal/migration_journal_suite.h; each
// of its cases fails on a broken journal of tests/conformance/migration_journal_broken_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "ports/journal_records.h"

namespace seshat {

class MigrationJournal {
 public:
  virtual ~MigrationJournal() = default;

  // Owner::agent_id: random, made once when the journal is made, and the same for ever. kDataLoss: it is missing.
  virtual Result<std::string> AgentId() = 0;

  // Makes the whole change durable. Sessions and sources are made where they are missing.
  // kAlreadyExists: an event of an id in `outbox` waits already. kResourceExhausted (disk full), kPermissionDenied
  // (opened for reading), kUnavailable. After an error nothing has changed; only where the disk failed under the commit
  // itself may the whole change be found after the next start. Applying a change again is safe, but for its outbox.
  virtual Status Apply(const JournalChange& change) = 0;

  // What the last change said; nothing where the session is unknown. A session that only has progress or files has an
  // empty Observation. Cheap: it is asked for every session at every scan.
  virtual Result<std::optional<Observation>> FindObservation(std::string_view source, std::string_view id) = 0;
  virtual Result<std::optional<SessionRecord>> FindSession(const SessionRef& session) = 0;

  // The first `limit` sessions behind `after` that the query holds of. What changes between two pages may or may not be
  // seen; what does not is listed once.
  virtual Result<std::vector<SessionRecord>> ListSessions(const SessionQuery& query) = 0;
  // Likewise the files of one session; none where it is unknown.
  virtual Result<std::vector<FileRecord>> ListFiles(const FileQuery& query) = 0;
  // Nothing where the session or the file is unknown.
  virtual Result<std::optional<FileRecord>> FindFile(const SessionRef& session, std::string_view path) = 0;

  // Of the sessions of one source; zeros where it has none.
  virtual Result<SessionCounts> Count(std::string_view source) = 0;
  virtual Result<std::optional<SourceState>> FindSource(std::string_view source) = 0;

  // The oldest `limit` events that are not published.
  virtual Result<std::vector<Event>> Outbox(size_t limit) = 0;
};

}  // namespace seshat
