// The journal on two open connections. Private to this adapter: sqlite_journal.cc opens them.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/posix/unique_fd.h"
#include "platform/sqlite/database.h"
#include "ports/migration_journal.h"

namespace seshat::sqlite_journal {

class SqliteJournal : public MigrationJournal {
 public:
  SqliteJournal(posix::UniqueFd lock, std::unique_ptr<sqlite::Database> writer,
                std::unique_ptr<sqlite::Database> reader)
      : lock_(std::move(lock)), writer_(std::move(writer)), reader_(std::move(reader)) {}

  Result<std::string> AgentId() override;
  Status Apply(const JournalChange& change) override;
  Result<std::optional<Observation>> FindObservation(std::string_view source, std::string_view id) override;
  Result<std::optional<SessionRecord>> FindSession(const SessionRef& session) override;
  Result<std::vector<SessionRecord>> ListSessions(const SessionQuery& query) override;
  Result<std::vector<FileRecord>> ListFiles(const FileQuery& query) override;
  Result<std::optional<FileRecord>> FindFile(const SessionRef& session, std::string_view path) override;
  Result<SessionCounts> Count(std::string_view source) override;
  Result<std::optional<SourceState>> FindSource(std::string_view source) override;
  Result<std::vector<Event>> Outbox(size_t limit) override;

 private:
  Status ApplyAll(const JournalChange& change);
  Status ApplyFiles(const JournalChange& change);
  Result<int64_t> NumberOf(const SessionRef& session);

  posix::UniqueFd lock_;
  std::mutex writer_mutex_;
  std::unique_ptr<sqlite::Database> writer_;  // null: read-only
  std::mutex reader_mutex_;
  std::unique_ptr<sqlite::Database> reader_;
};

}  // namespace seshat::sqlite_journal
