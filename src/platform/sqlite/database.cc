#include "platform/sqlite/database.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <unordered_map>
#include <utility>

#include "platform/posix/posix_error.h"

namespace seshat::sqlite {
namespace {

constexpr size_t kKeptStatements = 128;

// Where SQLite only says "I/O error" or "cannot open", the kernel knew more.
ErrorCode CodeOfSystemError(sqlite3* db) {
  const int error_number = db != nullptr ? sqlite3_system_errno(db) : 0;
  if (error_number == 0) return ErrorCode::kUnavailable;
  const ErrorCode code = posix::PosixError(error_number, "").code;
  const bool tells_more = code == ErrorCode::kResourceExhausted || code == ErrorCode::kPermissionDenied;
  return tells_more ? code : ErrorCode::kUnavailable;
}

ErrorCode CodeOf(sqlite3* db, int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return ErrorCode::kAlreadyExists;
    case SQLITE_IOERR_NOMEM:
      return ErrorCode::kResourceExhausted;
    default:
      break;
  }
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
      return ErrorCode::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return ErrorCode::kResourceExhausted;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ErrorCode::kPermissionDenied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kDataLoss;
    case SQLITE_TOOBIG:
      return ErrorCode::kInvalidArgument;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return CodeOfSystemError(db);
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Error SqliteError(sqlite3* db, int code, std::string_view doing) {
  // The connection remembers its last failure, which is not this one when the caller met `code` elsewhere.
  const bool of_connection = db != nullptr && (sqlite3_errcode(db) & 0xFF) == (code & 0xFF);
  const char* text = of_connection ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  Error error{CodeOf(db, code), fmt::format("{}: {} (SQLite {})", doing, text, code)};
  // Somebody has to do something about this file.
  const char* file = db == nullptr ? nullptr : sqlite3_db_filename(db, "main");
  const bool named = file == nullptr || doing.find(file) != std::string_view::npos;
  if (!named && (error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kResourceExhausted))
    return std::move(error).WithContext(file);
  return error;
}

Statement::Statement(sqlite3* db, sqlite3_stmt* statement, bool* in_use)
    : db_(db), statement_(statement), in_use_(in_use) {
  *in_use_ = true;
}

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      in_use_(other.in_use_),
      next_(other.next_),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  Reset();
  *in_use_ = false;
}

void Statement::Note(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

Statement& Statement::Bind(int64_t value) {
  Note(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}
Statement& Statement::Bind(double value) {
  Note(sqlite3_bind_double(statement_, next_++, value));
  return *this;
}
Statement& Statement::Bind(std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  Note(sqlite3_bind_text64(statement_, next_++, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}
Statement& Statement::BindBlob(ByteSpan blob) {
  const void* data = blob.data() != nullptr ? static_cast<const void*>(blob.data()) : "";
  Note(sqlite3_bind_blob64(statement_, next_++, data, blob.size(), SQLITE_TRANSIENT));
  return *this;
}
Statement& Statement::BindNull() {
  Note(sqlite3_bind_null(statement_, next_++));
  return *this;
}

Result<bool> Statement::Step() {
  if (bind_error_ != SQLITE_OK) return std::unexpected(SqliteError(db_, bind_error_, "binding a parameter"));
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(SqliteError(db_, code, "running a statement"));
}

Status Statement::Run() {
  while (true) {
    SESHAT_ASSIGN(const bool row, Step());
    if (!row) return {};
  }
}

void Statement::Reset() {
  // Answers the error of the last step once more; it was reported there.
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  next_ = 1;
  bind_error_ = SQLITE_OK;
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::Double(int column) const { return sqlite3_column_double(statement_, column); }
std::string_view Statement::Text(int column) const {
  // Text is stored as UTF-8, so its bytes are there already: asking for them as a blob spares SQLite the copy
  // with a NUL behind it, and with it the one way in which reading a column could fail.
  if (sqlite3_column_type(statement_, column) == SQLITE_TEXT) return AsText(Blob(column));
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {text != nullptr ? text : "", static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}
ByteSpan Statement::Blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  return {static_cast<const std::byte*>(data), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}
bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct Database::Cache {
  struct Entry {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
    uint64_t used = 0;
  };
  std::unordered_map<std::string, std::unique_ptr<Entry>, TextHash, std::equal_to<>> entries;
  uint64_t uses = 0;

  void MakeRoom() {
    if (entries.size() < kKeptStatements) return;
    auto oldest = entries.end();
    for (auto it = entries.begin(); it != entries.end(); ++it) {
      if (it->second->in_use) continue;
      if (oldest == entries.end() || it->second->used < oldest->second->used) oldest = it;
    }
    if (oldest == entries.end()) return;
    sqlite3_finalize(oldest->second->statement);
    entries.erase(oldest);
  }
};

Database::Database(sqlite3* db, std::chrono::milliseconds busy_timeout)
    : db_(db), cache_(std::make_unique<Cache>()), busy_timeout_(busy_timeout) {}

Database::~Database() {
  for (auto& [sql, entry] : cache_->entries) sqlite3_finalize(entry->statement);
  sqlite3_close_v2(db_);
}

// SQLite's own handler soon sleeps 25 to 100 ms at a time; a commit holds the lock for about one.
int Database::WaitForLock(void* self, int calls) {
  auto* db = static_cast<Database*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (calls == 0) db->busy_since_ = now;
  if (now - db->busy_since_ >= db->busy_timeout_) return 0;
  std::this_thread::sleep_for(std::chrono::microseconds(std::min(2000, 50 * (calls + 1))));
  return 1;
}

namespace {

Status MakeFile(const std::filesystem::path& path, std::string_view doing) {
  if (!path.parent_path().empty()) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(path.parent_path(), error);
    if (error) return std::unexpected(posix::PosixError(error.value(), doing));
    if (made && ::chmod(path.parent_path().c_str(), S_IRWXU) != 0)
      return std::unexpected(posix::PosixError(errno, doing));
  }
  // mknod(2) and not open(2): closing a descriptor of the file would drop the locks that other connections of
  // this process hold on it.
  if (::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) != 0 && errno != EEXIST)
    return std::unexpected(posix::PosixError(errno, doing));
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& path, const OpenOptions& options) {
  const auto doing = fmt::format("opening the database {}", path.string());
  if (!options.read_only) SESHAT_TRY(MakeFile(path, doing));
  sqlite3* handle = nullptr;
  const int flags =
      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> db(new Database(handle, options.busy_timeout));
  if (code != SQLITE_OK) return std::unexpected(SqliteError(handle, code, doing));
  if (const int busy = sqlite3_busy_handler(handle, &WaitForLock, db.get()); busy != SQLITE_OK)
    return std::unexpected(SqliteError(handle, busy, doing));
  Status ready = db->Execute(
      fmt::format("PRAGMA cache_size=-{};PRAGMA temp_store=MEMORY;PRAGMA foreign_keys=ON", options.cache_kib));
  if (ready && !options.read_only) ready = db->EnterWalMode(options);
  if (!ready) return std::unexpected(std::move(ready).error().WithContext(doing));
  return db;
}

Status Database::EnterWalMode(const OpenOptions& options) {
  // Several processes may switch a new file at the same moment. SQLite answers "busy" to all but one of them
  // without asking the handler, as waiting would be a deadlock; starting anew is not.
  const auto give_up = std::chrono::steady_clock::now() + options.busy_timeout;
  while (true) {
    Result<bool> row = false;
    std::string mode;
    bool busy = false;
    {
      SESHAT_ASSIGN(auto statement, Prepare("PRAGMA journal_mode=WAL"));
      row = statement.Step();
      if (row && *row) mode = statement.Text(0);
      const int code = sqlite3_errcode(db_) & 0xFF;
      busy = !row && (code == SQLITE_BUSY || code == SQLITE_PROTOCOL);
    }
    if (row && mode == "wal") break;
    if (row)
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("the file system does not allow a write-ahead log (journal mode stays '{}'): put the "
                              "state directory on a local disk",
                              mode));
    if (!busy || std::chrono::steady_clock::now() >= give_up) return std::unexpected(std::move(row).error());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  // A log that one long reader made grow is cut back to 64 MiB when it starts anew.
  return Execute(fmt::format("PRAGMA synchronous={};PRAGMA wal_autocheckpoint={};PRAGMA journal_size_limit={}",
                             options.synchronous == Synchronous::kFull ? "FULL" : "NORMAL", options.checkpoint_pages,
                             64 * 1024 * 1024));
}

Result<Statement> Database::Prepare(std::string_view sql) {
  if (const auto it = cache_->entries.find(sql); it != cache_->entries.end()) {
    auto& entry = *it->second;
    if (entry.in_use) return Fail(ErrorCode::kInternal, fmt::format("statement is already in use: {}", sql));
    entry.used = ++cache_->uses;
    return Statement(db_, entry.statement, &entry.in_use);
  }
  cache_->MakeRoom();
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(SqliteError(db_, code, "compiling a statement"));
  if (statement == nullptr) return Fail(ErrorCode::kInternal, "a statement without any SQL in it");
  auto entry = std::make_unique<Cache::Entry>(Cache::Entry{statement, false, ++cache_->uses});
  bool* in_use = &entry->in_use;
  cache_->entries.emplace(std::string(sql), std::move(entry));
  return Statement(db_, statement, in_use);
}

Status Database::Execute(std::string_view sql) {
  while (!sql.empty()) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), 0, &statement, &rest);
    if (code != SQLITE_OK) return std::unexpected(SqliteError(db_, code, "compiling a statement"));
    if (statement != nullptr) {
      do {
        code = sqlite3_step(statement);
      } while (code == SQLITE_ROW);
      Status status;
      if (code != SQLITE_DONE) status = std::unexpected(SqliteError(db_, code, "running a statement"));
      sqlite3_finalize(statement);
      SESHAT_TRY(status);
    }
    sql.remove_prefix(static_cast<size_t>(rest - sql.data()));
  }
  return {};
}

Status Database::Transact(const std::function<Status()>& body) { return Within("BEGIN IMMEDIATE", body); }
Status Database::Snapshot(const std::function<Status()>& body) { return Within("BEGIN", body); }

Status Database::Within(const char* begin, const std::function<Status()>& body) {
  if (in_transaction_) return Fail(ErrorCode::kInternal, "a transaction inside a transaction");
  struct Scope {
    Database& db;
    bool committed = false;
    explicit Scope(Database& database) : db(database) { db.in_transaction_ = true; }
    ~Scope() {
      db.in_transaction_ = false;
      // SQLite may have rolled back by itself (disk full, I/O error). A rollback that fails is tried again
      // before the next transaction.
      if (!committed) db.RollBackLeftover();
    }
  } scope(*this);
  RollBackLeftover();
  {
    SESHAT_ASSIGN(auto statement, Prepare(begin));
    SESHAT_TRY(statement.Run());
  }
  SESHAT_TRY(body());
  SESHAT_ASSIGN(auto statement, Prepare("COMMIT"));
  SESHAT_TRY(statement.Run());
  scope.committed = true;
  return {};
}

void Database::RollBackLeftover() {
  if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<int64_t> Database::SchemaVersion() {
  SESHAT_ASSIGN(auto statement, Prepare("PRAGMA user_version"));
  SESHAT_TRY(statement.Step());
  return statement.Int(0);
}

Status Database::Migrate(std::span<const std::string_view> steps) {
  const auto newest = static_cast<int64_t>(steps.size());
  while (true) {
    SESHAT_ASSIGN(const int64_t version, SchemaVersion());
    if (version > newest)
      return Fail(ErrorCode::kUnsupported, "the database was written by a newer version of seshat: upgrade this one");
    if (version == newest) return {};
    SESHAT_TRY(Transact([&]() -> Status {
      SESHAT_ASSIGN(const int64_t now, SchemaVersion());
      if (now != version) return {};  // another process was faster
      SESHAT_TRY(Execute(steps[static_cast<size_t>(version)]));
      return Execute(fmt::format("PRAGMA user_version={}", version + 1));
    }));
  }
}

int64_t Database::changes() const { return sqlite3_changes64(db_); }
int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(db_); }

}  // namespace seshat::sqlite
