// SQLite with errors as values: a connection, its prepared statements, transactions and schema steps.
// docs/adr/ says why this is not a wrapper library. Shared by the bus, the metadata store and the journal.
//
// Thread safety: one thread at a time for a connection and all its statements; open one connection for each
// thread.
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

#include "core/bytes.h"
#include "core/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace seshat::sqlite {

enum class Synchronous {
  kNormal,  // WAL: survives a crash of the process; the last transactions may be gone after a power cut
  kFull,    // survives a power cut: one fsync for each commit
};

struct OpenOptions {
  Synchronous synchronous = Synchronous::kFull;
  std::chrono::milliseconds busy_timeout{10'000};
  int cache_kib = 8 * 1024;
  bool read_only = false;
};

// A prepared statement in use. Going out of scope resets it, so that it holds no lock.
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

  // True: a row is there. False: done. Binding errors come out here.
  Result<bool> Step();
  // Steps to the end, ignoring rows.
  Status Run();
  // Makes it ready for new bindings and steps.
  void Reset();

  // Of the current row, columns from 0. Views live until the next Step or Reset.
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
  // say.
  static Result<std::unique_ptr<Database>> Open(const std::filesystem::path& path,
                                                const OpenOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Compiled once for each text and kept.
  Result<Statement> Prepare(std::string_view sql);
  // One or more statements without results.
  Status Execute(const std::string& sql);

  // Runs `body` in BEGIN IMMEDIATE … COMMIT; rolls back when it or the commit fails.
  Status Transact(const std::function<Status()>& body);
  // Brings the schema up to date: step i (from 0) moves user_version from i to i + 1, each in its own
  // transaction, safe against other processes doing the same. kUnsupported when the file is newer than
  // `steps`.
  Status Migrate(std::span<const std::string_view> steps);

  int64_t changes() const;  // rows changed by the last statement
  int64_t last_insert_rowid() const;
  sqlite3* handle() const { return db_; }  // for functions and virtual tables

 private:
  struct Cache;
  explicit Database(sqlite3* db);

  sqlite3* db_;
  std::unique_ptr<Cache> cache_;
};

// SQLite's result code as an Error; `doing` as in PosixError.
Error SqliteError(sqlite3* db, int code, std::string_view doing);

}  // namespace seshat::sqlite
