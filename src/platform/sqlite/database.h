// SQLite with errors as values: a connection, its prepared statements, transactions and schema steps.
// docs/adr/ says why this is not a wrapper library. Shared by the bus, the metadata store and the journal.
//
// Thread safety: one thread at a time for a connection and all its statements; open one connection for each
// thread. Never carry one across fork(2).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace seshat::sqlite {

enum class Synchronous {
  kNormal,  // WAL: survives a crash of the process; the last transactions may be gone after a power cut
  kFull,    // survives a power cut: one fsync for each commit
};

struct OpenOptions {
  Synchronous synchronous = Synchronous::kFull;
  // How long a lock of another connection or process is waited for; kUnavailable after that.
  std::chrono::milliseconds busy_timeout{10'000};
  int cache_kib = 8 * 1024;
  // The write-ahead log is copied into the database when it holds this many pages of 4 KiB, by the commit
  // that reaches it. SQLite's default of 1000 makes one commit in some hundred slow; 4000 (16 MiB) one in a
  // thousand.
  int checkpoint_pages = 4000;
  bool read_only = false;  // nothing is made or changed; the file must exist
};

// A prepared statement in use. Going out of scope resets it, so that it holds no lock. Must not outlive its
// Database.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Parameters count from 1, in the order of their '?'. Text and blobs are copied.
  Statement& Bind(int64_t value);
  Statement& Bind(double value);
  Statement& Bind(std::string_view text);
  Statement& Bind(const char* text) { return Bind(std::string_view(text)); }
  Statement& Bind(const std::string& text) { return Bind(std::string_view(text)); }
  Statement& BindBlob(ByteSpan blob);
  Statement& BindNull();
  template <typename T>
    requires std::is_integral_v<T>
  Statement& Bind(T value) {
    return Bind(static_cast<int64_t>(value));
  }
  template <typename T>
  Statement& Bind(const std::optional<T>& value) {
    return value ? Bind(*value) : BindNull();
  }

  // True: a row is there. False: done (a further Step starts anew). Binding errors come out here.
  Result<bool> Step();
  // Steps to the end, ignoring rows.
  Status Run();
  // Makes it ready for new bindings and steps.
  void Reset();

  // Of the current row, columns from 0. Views live until the next Step or Reset. NULL reads as 0 and empty.
  int64_t Int(int column) const;
  double Double(int column) const;
  std::string_view Text(int column) const;
  ByteSpan Blob(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* db, sqlite3_stmt* statement, bool* in_use);
  void Note(int code);

  sqlite3* db_;
  sqlite3_stmt* statement_;
  bool* in_use_;
  int next_ = 1;
  int bind_error_ = 0;
};

class Database {
 public:
  // Opens, making file and directory where they are missing (mode 0600 and 0700), in WAL mode. kDataLoss for
  // a file that is no database; kPermissionDenied, kResourceExhausted, kUnavailable as the kernel or SQLite
  // say; kUnsupported where the file system cannot share memory between processes, which WAL needs.
  static Result<std::unique_ptr<Database>> Open(const std::filesystem::path& path, const OpenOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Compiled once for each text; the 128 used last are kept. `sql` is one statement. kInternal while a
  // Statement of the same text is alive.
  Result<Statement> Prepare(std::string_view sql);
  // One or more statements; rows are ignored. Stops at the first error.
  Status Execute(std::string_view sql);

  // Runs `body` in BEGIN IMMEDIATE … COMMIT; rolls back when it or the commit fails. After an error of the
  // commit itself a crash may still bring the change to light. Not nestable: kInternal.
  Status Transact(const std::function<Status()>& body);
  // Runs `body` with everything it reads from one moment.
  Status Snapshot(const std::function<Status()>& body);
  // Brings the schema up to date: step i (from 0) moves user_version from i to i + 1, each in its own
  // transaction, safe against other processes doing the same. Writes nothing when there is nothing to do.
  // kUnsupported when the file is newer than `steps`.
  Status Migrate(std::span<const std::string_view> steps);

  int64_t changes() const;  // rows changed by the last statement
  int64_t last_insert_rowid() const;
  sqlite3* handle() const { return db_; }  // for functions and virtual tables

 private:
  struct Cache;
  Database(sqlite3* db, std::chrono::milliseconds busy_timeout);
  static int WaitForLock(void* self, int calls);
  void RollBackLeftover();
  Status Within(const char* begin, const std::function<Status()>& body);
  Status EnterWalMode(const OpenOptions& options);
  Result<int64_t> SchemaVersion();

  sqlite3* db_;
  std::unique_ptr<Cache> cache_;
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point busy_since_{};
  bool in_transaction_ = false;
};

// SQLite's result code as an Error; `doing` as in PosixError.
Error SqliteError(sqlite3* db, int code, std::string_view doing);

}  // namespace seshat::sqlite
