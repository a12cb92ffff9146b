#include "adapters/file_store/file_io.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "platform/posix/posix_error.h"

namespace seshat::file_store {
namespace {

std::string_view Advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
      return "; the disk of the blob store is full: free some space on it, or enlarge it";
    case EDQUOT:
      return "; the quota of the blob store is used up: raise it, or free some space";
    case EMFILE:
    case ENFILE:
      return "; too many open files: raise the limit (ulimit -n)";
    case EROFS:
      return "; the file system of the blob store is mounted read-only: check the disk, then remount it";
    case EACCES:
    case EPERM:
      return "; give the user that runs seshat the right to read and write the blob store";
    case ENOSYS:
      return "; the blob store needs Linux 5.6 or newer";
    case ELOOP:
      return "; a symbolic link is in the way, and nothing in a blob store is one: remove it";
    case EXDEV:
      return "; all of the blob store must lie on one file system";
    default:
      return {};
  }
}

ErrorCode CodeOf(int error_number, ErrorCode usual) {
  switch (error_number) {
    case ENOSYS:
      return ErrorCode::kUnsupported;
    case ELOOP:
      return ErrorCode::kDataLoss;
    default:
      break;
  }
  // Something of ours that vanished or appeared under our hands; the next attempt finds a clean state.
  if (usual == ErrorCode::kNotFound || usual == ErrorCode::kAlreadyExists) return ErrorCode::kUnavailable;
  return usual;
}

template <typename Call>
auto Repeat(Call call) {
  auto answer = call();
  while (answer < 0 && errno == EINTR) answer = call();
  return answer;
}

Errno<void> ErrnoOf(int answer) {
  if (answer < 0) return std::unexpected(errno);
  return {};
}

}  // namespace

Error StoreError(int error_number, std::string_view doing) {
  Error error = posix::PosixError(error_number, doing);
  error.code = CodeOf(error_number, error.code);
  error.message += Advice(error_number);
  return error;
}

Errno<posix::UniqueFd> OpenBeneath(int directory, const std::string& path, int flags, mode_t mode) {
  struct open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long fd = Repeat([&] { return ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how); });
  if (fd < 0) return std::unexpected(errno);
  return posix::UniqueFd(static_cast<int>(fd));
}

Errno<void> WriteAll(int fd, ByteSpan data, uint64_t offset) {
  while (!data.empty()) {
    const ssize_t written = Repeat([&] { return ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset)); });
    if (written < 0) return std::unexpected(errno);
    if (written == 0) return std::unexpected(EIO);
    data = data.subspan(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return {};
}

Errno<size_t> ReadFull(int fd, MutableByteSpan out, uint64_t offset) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        Repeat([&] { return ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done)); });
    if (got < 0) return std::unexpected(errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

Errno<void> SyncFile(int fd) {
  return ErrnoOf(Repeat([&] { return ::fsync(fd); }));
}

Errno<void> LockFile(int fd) {
  return ErrnoOf(Repeat([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }));
}

Errno<void> StartWriteback(int fd, uint64_t offset, uint64_t size) {
  const int answer = Repeat([&] {
    return ::sync_file_range(fd, static_cast<off64_t>(offset), static_cast<off64_t>(size), SYNC_FILE_RANGE_WRITE);
  });
  if (answer < 0 && (errno == ENOSYS || errno == EINVAL || errno == ESPIPE)) return {};
  return ErrnoOf(answer);
}

}  // namespace seshat::file_store
