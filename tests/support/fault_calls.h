// Makes system calls and SQLite calls fail on purpose. Linking seshat_fault_calls puts definitions of these
// functions into the test executable, in front of libc's and libsqlite3's, so the code under test has no
// hooks:
//   files   open, openat, openat2 (through syscall), creat; read, pread, write, pwrite, copy_file_range and
//           their vectors; fsync, fdatasync, sync_file_range, syncfs; ftruncate, fallocate, posix_fallocate;
//           link, linkat, rename, renameat, renameat2, unlink, unlinkat, mkdir, mkdirat, rmdir, symlink;
//           stat, lstat, fstat, fstatat, statx, statvfs, fstatvfs; opendir, fdopendir, readdir; chmod,
//           fchmod, futimens, utimensat; flock, close; getdents64 (through syscall). Calls on sockets and pipes pass uncounted.
//           libsqlite3's own file calls are among them.
//           Not: what libc calls itself (fopen, so std::ofstream too).
//   sqlite  sqlite3_open_v2, prepare_v3, step, exec, bind_int64, bind_double, bind_text64, bind_blob64,
//           bind_null. Calls that SQLite makes to itself are not counted.
//
//   FaultScope scope({.at = n, .error_number = ENOSPC});
//   auto status = code_under_test();
//   if (scope.injected() == 0) …        // n is beyond the last call: the sweep is over
//
// Works under AddressSanitizer and ThreadSanitizer.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <string>

namespace seshat::testing {

struct CallFaults {
  enum class Action {
    kFail,       // the call does nothing and answers the error (close does close: so does Linux)
    kFailAfter,  // the call takes effect and answers the error all the same: an answer lost on the way
    kShorten,    // reads and writes move half of the bytes (at least one); other calls are not counted
    kKill,       // SIGKILL to this process in place of the call: for a forked child
  };
  Action action = Action::kFail;
  uint64_t at = 1;        // the call to hit, counted from 1; 0: only count
  bool for_ever = false;  // that call and all behind it; never with EINTR, which callers rightly retry
  int error_number = EIO;
  int sqlite_code = 10;  // SQLITE_IOERR; SQLITE_FULL is 13, SQLITE_BUSY 5
  bool files = true;
  bool sqlite = false;
  std::string only;  // the name of one call, "fsync"; empty: every call of the chosen families
};

// Armed from construction to destruction, for the thread that made it and every thread started from there
// meanwhile. Scopes of one thread do not nest.
class FaultScope {
 public:
  explicit FaultScope(const CallFaults& plan);
  ~FaultScope();
  FaultScope(const FaultScope&) = delete;
  FaultScope& operator=(const FaultScope&) = delete;

  uint64_t calls() const;     // counted so far
  uint64_t injected() const;  // hit so far
  std::string first() const;  // name of the first call that was hit, for messages

  struct State;

 private:
  State* state_;
};

// Calls `attempt` with plan.at = 1, 2, … until it answers 0, which it does by `return scope.injected()`.
// Answers how many positions were hit. Throws beyond `most` of them, which means that the code never ends.
uint64_t SweepFaults(CallFaults plan, const std::function<uint64_t(const CallFaults&)>& attempt,
                     uint64_t most = 100'000);

}  // namespace seshat::testing
