// The least work that looks at every file of a tree: getdents64 and one statx each, nothing kept.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

namespace {

constexpr size_t kBufferBytes = 64 * 1024;

uint64_t Walk(int fd) {
  const auto buffer = std::make_unique<char[]>(kBufferBytes);
  uint64_t entries = 0;
  while (true) {
    const long size = ::syscall(SYS_getdents64, fd, buffer.get(), kBufferBytes);
    if (size <= 0) break;
    for (long at = 0; at < size;) {
      const char* entry = buffer.get() + at;
      uint16_t length = 0;
      std::memcpy(&length, entry + 16, sizeof length);
      const auto type = static_cast<unsigned char>(entry[18]);
      const char* name = entry + 19;
      at += length;
      if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
      if (type == DT_DIR) {
        const int child = ::openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0) continue;
        entries += Walk(child);
        ::close(child);
        continue;
      }
      struct statx stx;
      constexpr unsigned kWanted = STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME;
      if (::statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, kWanted, &stx) == 0) ++entries;
    }
  }
  return entries;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: floor_rescan DIRECTORY\n");
    return 2;
  }
  const int fd = ::open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    std::perror(argv[1]);
    return 1;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(Walk(fd)));
  ::close(fd);
  return 0;
}
