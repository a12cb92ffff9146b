// libc's file calls, in front of libc. Each asks CountCall, and goes on to the definition behind it.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "support/fault_state.h"

using seshat::testing::Armed;
using seshat::testing::CountCall;
using seshat::testing::FaultErrno;
using seshat::testing::FaultFamily;
using seshat::testing::NextDefinition;
using seshat::testing::Strike;

namespace {

// Sockets and pipes are nobody's durable data.
bool IsFile(int fd) {
  static auto* const next = NextDefinition<decltype(::fstat)>("fstat");
  struct stat status{};
  const int kept = errno;
  const bool file = next(fd, &status) != 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
  errno = kept;
  return file;
}

Strike OnFile(int fd, const char* name, bool moves_bytes = false) {
  return Armed() && IsFile(fd) ? CountCall(FaultFamily::kFiles, name, moves_bytes) : Strike::kNone;
}
Strike OnPath(const char* name) { return CountCall(FaultFamily::kFiles, name); }

template <typename Value>
Value Refuse(Value value) {
  errno = FaultErrno();
  return value;
}

template <typename Call>
int Plain(Strike strike, Call call) {
  if (strike == Strike::kFail) return Refuse(-1);
  const int answer = call();
  return strike == Strike::kFailAfter ? Refuse(-1) : answer;
}

// For calls that make a descriptor: one that nobody hears of must not stay open.
template <typename Call>
int Opening(Strike strike, Call call) {
  if (strike == Strike::kFail) return Refuse(-1);
  const int fd = call();
  if (strike != Strike::kFailAfter) return fd;
  static auto* const next = NextDefinition<decltype(::close)>("close");
  if (fd >= 0) next(fd);
  return Refuse(-1);
}

template <typename Call>
ssize_t Moving(Strike strike, size_t size, Call call) {
  if (strike == Strike::kFail) return Refuse<ssize_t>(-1);
  const bool shorten = strike == Strike::kShorten && size > 1;
  const ssize_t moved = call(shorten ? std::max<size_t>(size / 2, 1) : size);
  return strike == Strike::kFailAfter ? Refuse<ssize_t>(-1) : moved;
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

// Defines `name` with the body `answer`, in which `next` is the definition behind it. GoogleTest and the
// sanitizers call these functions too: nothing here may allocate or throw.
#define NEXT(name) static auto* const next = NextDefinition<decltype(::name)>(#name)

extern "C" {

#define SESHAT_OPEN(name)                                                    \
  int name(const char* path, int flags, ...) {                               \
    NEXT(name);                                                              \
    va_list arguments;                                                       \
    va_start(arguments, flags);                                              \
    const mode_t mode = ModeOf(flags, arguments);                            \
    va_end(arguments);                                                       \
    return Opening(OnPath("open"), [&] { return next(path, flags, mode); }); \
  }                                                                          \
  static_assert(true)
SESHAT_OPEN(open);
SESHAT_OPEN(open64);

#define SESHAT_OPENAT(name)                                                        \
  int name(int at, const char* path, int flags, ...) {                             \
    NEXT(name);                                                                    \
    va_list arguments;                                                             \
    va_start(arguments, flags);                                                    \
    const mode_t mode = ModeOf(flags, arguments);                                  \
    va_end(arguments);                                                             \
    return Opening(OnPath("openat"), [&] { return next(at, path, flags, mode); }); \
  }                                                                                \
  static_assert(true)
SESHAT_OPENAT(openat);
SESHAT_OPENAT(openat64);

int creat(const char* path, mode_t mode) {
  NEXT(creat);
  return Opening(OnPath("creat"), [&] { return next(path, mode); });
}

// openat2 has no wrapper in glibc 2.36, and getdents64 is called past its own for the size of the buffer; all else
// passes. How many arguments there are only the kernel knows, so six are read, as glibc does: what lies behind the
// last one is nobody's concern, AddressSanitizer's least.
__attribute__((no_sanitize("address"))) long syscall(long number, ...) noexcept {
  NEXT(syscall);
  va_list arguments;
  va_start(arguments, number);
  long a[6];
  for (long& argument : a) argument = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_getdents64)
    return Plain(OnFile(static_cast<int>(a[0]), "getdents64"),
                 [&] { return static_cast<int>(next(number, a[0], a[1], a[2], a[3], a[4], a[5])); });
  if (number != SYS_openat2) return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  return Opening(OnPath("openat2"), [&] { return static_cast<int>(next(number, a[0], a[1], a[2], a[3], a[4], a[5])); });
}

ssize_t read(int fd, void* data, size_t size) {
  NEXT(read);
  return Moving(OnFile(fd, "read", true), size, [&](size_t n) { return next(fd, data, n); });
}
ssize_t write(int fd, const void* data, size_t size) {
  NEXT(write);
  return Moving(OnFile(fd, "write", true), size, [&](size_t n) { return next(fd, data, n); });
}
ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  NEXT(pread);
  return Moving(OnFile(fd, "pread", true), size, [&](size_t n) { return next(fd, data, n, offset); });
}
ssize_t pread64(int fd, void* data, size_t size, off64_t offset) {
  NEXT(pread64);
  return Moving(OnFile(fd, "pread", true), size, [&](size_t n) { return next(fd, data, n, offset); });
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  NEXT(pwrite);
  return Moving(OnFile(fd, "pwrite", true), size, [&](size_t n) { return next(fd, data, n, offset); });
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  NEXT(pwrite64);
  return Moving(OnFile(fd, "pwrite", true), size, [&](size_t n) { return next(fd, data, n, offset); });
}
ssize_t copy_file_range(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t size, unsigned flags) {
  NEXT(copy_file_range);
  return Moving(OnFile(to, "copy_file_range", true), size,
                [&](size_t n) { return next(from, from_offset, to, to_offset, n, flags); });
}
ssize_t readv(int fd, const struct iovec* parts, int count) {
  NEXT(readv);
  return Moving(OnFile(fd, "readv"), 0, [&](size_t) { return next(fd, parts, count); });
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  NEXT(writev);
  return Moving(OnFile(fd, "writev"), 0, [&](size_t) { return next(fd, parts, count); });
}

int fsync(int fd) {
  NEXT(fsync);
  return Plain(OnFile(fd, "fsync"), [&] { return next(fd); });
}
int fdatasync(int fd) {
  NEXT(fdatasync);
  return Plain(OnFile(fd, "fdatasync"), [&] { return next(fd); });
}
int syncfs(int fd) noexcept {
  NEXT(syncfs);
  return Plain(OnFile(fd, "syncfs"), [&] { return next(fd); });
}
int sync_file_range(int fd, off64_t offset, off64_t size, unsigned flags) {
  NEXT(sync_file_range);
  return Plain(OnFile(fd, "sync_file_range"), [&] { return next(fd, offset, size, flags); });
}
int ftruncate(int fd, off_t size) noexcept {
  NEXT(ftruncate);
  return Plain(OnFile(fd, "ftruncate"), [&] { return next(fd, size); });
}
int ftruncate64(int fd, off64_t size) noexcept {
  NEXT(ftruncate64);
  return Plain(OnFile(fd, "ftruncate"), [&] { return next(fd, size); });
}
int fallocate(int fd, int mode, off_t offset, off_t size) {
  NEXT(fallocate);
  return Plain(OnFile(fd, "fallocate"), [&] { return next(fd, mode, offset, size); });
}
int fallocate64(int fd, int mode, off64_t offset, off64_t size) {
  NEXT(fallocate64);
  return Plain(OnFile(fd, "fallocate"), [&] { return next(fd, mode, offset, size); });
}
int posix_fallocate(int fd, off_t offset, off_t size) {
  NEXT(posix_fallocate);
  const Strike strike = OnFile(fd, "posix_fallocate");
  const int code = strike == Strike::kFail ? 0 : next(fd, offset, size);
  return strike == Strike::kNone ? code : FaultErrno();
}

int link(const char* from, const char* to) noexcept {
  NEXT(link);
  return Plain(OnPath("link"), [&] { return next(from, to); });
}
int linkat(int from_at, const char* from, int to_at, const char* to, int flags) noexcept {
  NEXT(linkat);
  return Plain(OnPath("linkat"), [&] { return next(from_at, from, to_at, to, flags); });
}
int symlink(const char* target, const char* path) noexcept {
  NEXT(symlink);
  return Plain(OnPath("symlink"), [&] { return next(target, path); });
}
int rename(const char* from, const char* to) noexcept {
  NEXT(rename);
  return Plain(OnPath("rename"), [&] { return next(from, to); });
}
int renameat(int from_at, const char* from, int to_at, const char* to) noexcept {
  NEXT(renameat);
  return Plain(OnPath("renameat"), [&] { return next(from_at, from, to_at, to); });
}
int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) noexcept {
  NEXT(renameat2);
  return Plain(OnPath("renameat2"), [&] { return next(from_at, from, to_at, to, flags); });
}
int unlink(const char* path) noexcept {
  NEXT(unlink);
  return Plain(OnPath("unlink"), [&] { return next(path); });
}
int unlinkat(int at, const char* path, int flags) noexcept {
  NEXT(unlinkat);
  return Plain(OnPath("unlinkat"), [&] { return next(at, path, flags); });
}
int mkdir(const char* path, mode_t mode) noexcept {
  NEXT(mkdir);
  return Plain(OnPath("mkdir"), [&] { return next(path, mode); });
}
int mkdirat(int at, const char* path, mode_t mode) noexcept {
  NEXT(mkdirat);
  return Plain(OnPath("mkdirat"), [&] { return next(at, path, mode); });
}
int rmdir(const char* path) noexcept {
  NEXT(rmdir);
  return Plain(OnPath("rmdir"), [&] { return next(path); });
}

int stat(const char* path, struct stat* status) noexcept {
  NEXT(stat);
  return Plain(OnPath("stat"), [&] { return next(path, status); });
}
int lstat(const char* path, struct stat* status) noexcept {
  NEXT(lstat);
  return Plain(OnPath("lstat"), [&] { return next(path, status); });
}
int fstat(int fd, struct stat* status) noexcept {
  NEXT(fstat);
  return Plain(OnFile(fd, "fstat"), [&] { return next(fd, status); });
}
int fstat64(int fd, struct stat64* status) noexcept {
  NEXT(fstat64);
  return Plain(OnFile(fd, "fstat"), [&] { return next(fd, status); });
}
int stat64(const char* path, struct stat64* status) noexcept {
  NEXT(stat64);
  return Plain(OnPath("stat"), [&] { return next(path, status); });
}
int lstat64(const char* path, struct stat64* status) noexcept {
  NEXT(lstat64);
  return Plain(OnPath("lstat"), [&] { return next(path, status); });
}
int fstatat(int at, const char* path, struct stat* status, int flags) noexcept {
  NEXT(fstatat);
  return Plain(OnPath("fstatat"), [&] { return next(at, path, status, flags); });
}
int statx(int at, const char* path, int flags, unsigned mask, struct statx* status) noexcept {
  NEXT(statx);
  return Plain(OnPath("statx"), [&] { return next(at, path, flags, mask, status); });
}
int statvfs(const char* path, struct statvfs* status) noexcept {
  NEXT(statvfs);
  return Plain(OnPath("statvfs"), [&] { return next(path, status); });
}
int fstatvfs(int fd, struct statvfs* status) noexcept {
  NEXT(fstatvfs);
  return Plain(OnFile(fd, "fstatvfs"), [&] { return next(fd, status); });
}
int chmod(const char* path, mode_t mode) noexcept {
  NEXT(chmod);
  return Plain(OnPath("chmod"), [&] { return next(path, mode); });
}
int fchmod(int fd, mode_t mode) noexcept {
  NEXT(fchmod);
  return Plain(OnFile(fd, "fchmod"), [&] { return next(fd, mode); });
}
int futimens(int fd, const struct timespec times[2]) noexcept {
  NEXT(futimens);
  return Plain(OnFile(fd, "futimens"), [&] { return next(fd, times); });
}
int utimensat(int at, const char* path, const struct timespec times[2], int flags) noexcept {
  NEXT(utimensat);
  return Plain(OnPath("utimensat"), [&] { return next(at, path, times, flags); });
}

DIR* opendir(const char* path) {
  NEXT(opendir);
  if (OnPath("opendir") != Strike::kNone) return Refuse<DIR*>(nullptr);
  return next(path);
}
DIR* fdopendir(int fd) {
  NEXT(fdopendir);
  if (OnFile(fd, "fdopendir") != Strike::kNone) return Refuse<DIR*>(nullptr);
  return next(fd);
}
struct dirent* readdir(DIR* directory) {
  NEXT(readdir);
  if (OnPath("readdir") != Strike::kNone) return Refuse<struct dirent*>(nullptr);
  return next(directory);
}
struct dirent64* readdir64(DIR* directory) {
  NEXT(readdir64);
  if (OnPath("readdir") != Strike::kNone) return Refuse<struct dirent64*>(nullptr);
  return next(directory);
}

int flock(int fd, int operation) noexcept {
  NEXT(flock);
  return Plain(OnFile(fd, "flock"), [&] { return next(fd, operation); });
}
int close(int fd) {
  NEXT(close);
  const Strike strike = OnFile(fd, "close");
  const int answer = next(fd);
  return strike == Strike::kNone ? answer : Refuse(-1);
}

}  // extern "C"
