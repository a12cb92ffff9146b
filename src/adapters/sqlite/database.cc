#include "adapters/sqlite/database.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <unordered_map>
#include <utility>
#include <vector>

namespace seshat::sqlite {
namespace {

ErrorCode CodeOf(int code) {
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
    case SQLITE_CONSTRAINT:
      return ErrorCode::kAlreadyExists;
    case SQLITE_TOOBIG:
      return ErrorCode::kInvalidArgument;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Error SqliteError(sqlite3* db, int code, std::string_view doing) {
  const char* text = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  return {CodeOf(code), fmt::format("{}: {} (SQLite {})", doing, text, code)};
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
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {text != nullptr ? text : "", static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}
ByteSpan Statement::Blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  return {static_cast<const std::byte*>(data), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}
bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

struct Database::Cache {
  struct Entry {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
  };
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries;
};

Database::Database(sqlite3* db) : db_(db), cache_(std::make_unique<Cache>()) {}

Database::~Database() {
  for (auto& [sql, entry] : cache_->entries) sqlite3_finalize(entry->statement);
  sqlite3_close_v2(db_);
}

Result<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& path,
                                                 const OpenOptions& options) {
  const auto doing = fmt::format("opening the database {}", path.string());
  if (!options.read_only && !path.parent_path().empty()) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(path.parent_path(), error);
    if (error) return Fail(ErrorCode::kPermissionDenied, fmt::format("{}: {}", doing, error.message()));
    if (made) std::filesystem::permissions(path.parent_path(), std::filesystem::perms::owner_all, error);
  }
  sqlite3* handle = nullptr;
  const int flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> db(new Database(handle));
  if (code != SQLITE_OK) return std::unexpected(SqliteError(handle, code, doing));
  if (!options.read_only) ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));

  std::string pragmas = fmt::format("PRAGMA cache_size=-{};PRAGMA temp_store=MEMORY;PRAGMA foreign_keys=ON;",
                                    options.cache_kib);
  if (!options.read_only) {
    pragmas += "PRAGMA journal_mode=WAL;";
    pragmas +=
        options.synchronous == Synchronous::kFull ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;";
  }
  if (auto ok = db->Execute(pragmas); !ok) return std::unexpected(std::move(ok).error().WithContext(doing));
  return db;
}

Result<Statement> Database::Prepare(std::string_view sql) {
  auto& entry = cache_->entries[std::string(sql)];
  if (!entry) entry = std::make_unique<Cache::Entry>();
  if (entry->in_use) return Fail(ErrorCode::kInternal, fmt::format("statement is already in use: {}", sql));
  if (entry->statement == nullptr) {
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &entry->statement, nullptr);
    if (code != SQLITE_OK) return std::unexpected(SqliteError(db_, code, "compiling a statement"));
  }
  return Statement(db_, entry->statement, &entry->in_use);
}

Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(SqliteError(db_, code, "running a statement"));
  return {};
}

Status Database::Transact(const std::function<Status()>& body) {
  SESHAT_TRY(Execute("BEGIN IMMEDIATE"));
  Status status = body();
  if (status) status = Execute("COMMIT");
  // SQLite may have rolled back by itself (disk full, I/O error); rolling back twice is then the only error
  // left to get.
  if (!status && sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  return status;
}

Status Database::Migrate(std::span<const std::string_view> steps) {
  for (bool done = false; !done;) {
    SESHAT_TRY(Transact([&]() -> Status {
      int64_t version = 0;
      {
        SESHAT_ASSIGN(auto statement, Prepare("PRAGMA user_version"));
        SESHAT_TRY(statement.Step());
        version = statement.Int(0);
      }
      if (version > static_cast<int64_t>(steps.size()))
        return Fail(ErrorCode::kUnsupported,
                    "the database was written by a newer version of seshat: upgrade this one");
      if (version == static_cast<int64_t>(steps.size())) {
        done = true;
        return {};
      }
      SESHAT_TRY(Execute(std::string(steps[static_cast<size_t>(version)])));
      return Execute(fmt::format("PRAGMA user_version={}", version + 1));
    }));
  }
  return {};
}

int64_t Database::changes() const { return sqlite3_changes64(db_); }
int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(db_); }

}  // namespace seshat::sqlite
