#include "adapters/posix_source/safe_open.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/clamped_time.h"

namespace seshat::posix_source {

int OpenBeneath(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  while (true) {
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    // EAGAIN: something was renamed meanwhile, and the kernel cannot tell that ".." was not fooled.
    if (fd < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    return static_cast<int>(fd);
  }
}

bool StatAt(int directory, const char* name, struct statx& out) {
  constexpr unsigned kWanted = STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME;
  const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (*name == '\0' ? AT_EMPTY_PATH : 0);
  return ::statx(directory, name, flags, kWanted, &out) == 0;
}

FileStat FileStatOf(const struct statx& stx) {
  const auto ns = [](const statx_timestamp& t) { return ClampedNanoseconds(t.tv_sec, t.tv_nsec); };
  return {.size = stx.stx_size,
          .modified_ns = ns(stx.stx_mtime),
          .changed_ns = ns(stx.stx_ctime),
          .inode = stx.stx_ino,
          .mode = stx.stx_mode & 07777U};
}

posix::UniqueFd ReopenForReading(int path_fd) {
  // The descriptor names the inode: nothing can be put in its place any more.
  const std::string self = "/proc/self/fd/" + std::to_string(path_fd);
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int fd = ::open(self.c_str(), kFlags | O_NOATIME);
  // Only a file's owner may ask for O_NOATIME.
  if (fd < 0 && errno == EPERM) return posix::UniqueFd(::open(self.c_str(), kFlags));
  return posix::UniqueFd(fd);
}

}  // namespace seshat::posix_source
