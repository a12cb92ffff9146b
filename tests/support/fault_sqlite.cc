// The SQLite calls of adapters/sqlite, in front of libsqlite3.
#include <sqlite3.h>

#include "support/fault_state.h"

using seshat::testing::CountCall;
using seshat::testing::FaultFamily;
using seshat::testing::FaultSqliteCode;
using seshat::testing::NextDefinition;
using seshat::testing::Strike;

namespace {

thread_local int depth = 0;

// `call` runs one level down, where SQLite's calls to itself are not counted.
template <typename Call>
int Counted(const char* name, Call call) {
  const Strike strike = depth == 0 ? CountCall(FaultFamily::kSqlite, name) : Strike::kNone;
  if (strike == Strike::kFail) return FaultSqliteCode();
  ++depth;
  const int code = call();
  --depth;
  return strike == Strike::kFailAfter ? FaultSqliteCode() : code;
}

}  // namespace

#define NEXT(name) static auto* const next = NextDefinition<decltype(::name)>(#name)

extern "C" {

int sqlite3_open_v2(const char* path, sqlite3** db, int flags, const char* vfs) {
  NEXT(sqlite3_open_v2);
  *db = nullptr;
  return Counted("sqlite3_open_v2", [&] { return next(path, db, flags, vfs); });
}
int sqlite3_prepare_v3(sqlite3* db, const char* sql, int size, unsigned flags, sqlite3_stmt** statement,
                       const char** rest) {
  NEXT(sqlite3_prepare_v3);
  *statement = nullptr;
  return Counted("sqlite3_prepare_v3", [&] { return next(db, sql, size, flags, statement, rest); });
}
int sqlite3_step(sqlite3_stmt* statement) {
  NEXT(sqlite3_step);
  return Counted("sqlite3_step", [&] { return next(statement); });
}
int sqlite3_exec(sqlite3* db, const char* sql, int (*row)(void*, int, char**, char**), void* argument, char** message) {
  NEXT(sqlite3_exec);
  return Counted("sqlite3_exec", [&] { return next(db, sql, row, argument, message); });
}
int sqlite3_bind_int64(sqlite3_stmt* statement, int index, sqlite3_int64 value) {
  NEXT(sqlite3_bind_int64);
  return Counted("sqlite3_bind_int64", [&] { return next(statement, index, value); });
}
int sqlite3_bind_double(sqlite3_stmt* statement, int index, double value) {
  NEXT(sqlite3_bind_double);
  return Counted("sqlite3_bind_double", [&] { return next(statement, index, value); });
}
int sqlite3_bind_text64(sqlite3_stmt* statement, int index, const char* text, sqlite3_uint64 size,
                        void (*destroy)(void*), unsigned char encoding) {
  NEXT(sqlite3_bind_text64);
  return Counted("sqlite3_bind_text64", [&] { return next(statement, index, text, size, destroy, encoding); });
}
int sqlite3_bind_blob64(sqlite3_stmt* statement, int index, const void* data, sqlite3_uint64 size,
                        void (*destroy)(void*)) {
  NEXT(sqlite3_bind_blob64);
  return Counted("sqlite3_bind_blob64", [&] { return next(statement, index, data, size, destroy); });
}
int sqlite3_bind_null(sqlite3_stmt* statement, int index) {
  NEXT(sqlite3_bind_null);
  return Counted("sqlite3_bind_null", [&] { return next(statement, index); });
}

}  // extern "C"
