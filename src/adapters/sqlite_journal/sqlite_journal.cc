#include "adapters/sqlite_journal/sqlite_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "adapters/sqlite_journal/journal_rows.h"
#include "adapters/sqlite_journal/journal_tables.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"
#include "platform/sqlite/database.h"

namespace seshat::sqlite_journal {
namespace {

namespace rows = journal_rows;
using sqlite::Database;

// Two connections keep scans from waiting for the disk while an upload commits. 2 MiB of pages each: the agent's
// whole memory is meant to stay below 64 MiB.
constexpr int kCacheKib = 2048;

// An agent that was killed while it started a program may leave a process that still has the lock, until its first steps
// close what is not its own: a moment later.
constexpr std::chrono::milliseconds kLookAgain{10};
constexpr int kMaxLooks = 200;

Result<posix::UniqueFd> TakeLock(const std::filesystem::path& journal) {
  const std::string path = journal.string() + ".lock";
  posix::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return std::unexpected(posix::PosixError(errno, "opening " + path));
  for (int looks = 0; looks < kMaxLooks; ++looks) {
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    if (errno != EWOULDBLOCK) return std::unexpected(posix::PosixError(errno, "locking " + path));
    std::this_thread::sleep_for(kLookAgain);
  }
  return Fail(ErrorCode::kAlreadyExists,
              fmt::format("another agent uses the journal {}: stop it first, or give this one a state directory of "
                          "its own",
                          journal.string()));
}

Status PutAgentId(Database& db, Random& random) {
  return db.Transact([&]() -> Status {
    SESHAT_ASSIGN(auto statement, db.Prepare("INSERT OR IGNORE INTO agent(name, value) VALUES('id', ?)"));
    statement.Bind(RandomId(random));
    return statement.Run();
  });
}

// An agent that starts makes the file first and its tables a moment later.
Status CheckMade(Database& reader, const std::filesystem::path& path) {
  SESHAT_ASSIGN(auto version, reader.Prepare("PRAGMA user_version"));
  SESHAT_ASSIGN(const bool there, version.Step());
  if (there && version.Int(0) >= static_cast<int64_t>(std::size(rows::kSchema))) return {};
  return Fail(ErrorCode::kNotFound,
              fmt::format("the agent's journal at {} is only just being made: try again", path.string()));
}

}  // namespace

Result<std::unique_ptr<MigrationJournal>> MakeSqliteJournal(const SqliteJournalOptions& options, Random& random) {
  if (options.read_only) {
    std::error_code error;
    if (!std::filesystem::exists(options.path, error))
      return Fail(ErrorCode::kNotFound, fmt::format("there is no agent's journal at {}: has an agent run with this "
                                                    "configuration?",
                                                    options.path.string()));
    SESHAT_ASSIGN(auto reader, Database::Open(options.path, {.cache_kib = kCacheKib, .read_only = true}));
    SESHAT_TRY(CheckMade(*reader, options.path));
    return std::make_unique<SqliteJournal>(posix::UniqueFd(), nullptr, std::move(reader));
  }
  if (!options.path.parent_path().empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.path.parent_path(), error);
    if (error)
      return Fail(ErrorCode::kPermissionDenied,
                  fmt::format("making {}: {}", options.path.parent_path().string(), error.message()));
  }
  SESHAT_ASSIGN(auto lock, TakeLock(options.path));
  SESHAT_ASSIGN(auto writer, Database::Open(options.path, {.cache_kib = kCacheKib}));
  SESHAT_TRY(writer->Migrate(rows::kSchema));
  SESHAT_TRY(PutAgentId(*writer, random));
  SESHAT_ASSIGN(auto reader, Database::Open(options.path, {.cache_kib = kCacheKib, .read_only = true}));
  return std::make_unique<SqliteJournal>(std::move(lock), std::move(writer), std::move(reader));
}

}  // namespace seshat::sqlite_journal
