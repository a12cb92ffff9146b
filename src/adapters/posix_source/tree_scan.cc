#include "adapters/posix_source/tree_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

#include "adapters/posix_source/safe_open.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::posix_source {
namespace {

// What getdents64 fills: <linux/dirent.h> has no such struct for programs.
struct Dirent {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  unsigned char type;
  char name[1];
};
constexpr size_t kNameAt = 19;

// Names sorted at a time, 8 MiB of them: some 200,000.
constexpr size_t kMaxBuffers = 128;
// Each level holds a descriptor and a buffer. Keys end at 1,024 bytes, long before any honest session is this deep.
constexpr size_t kMaxDepth = 100;

const char* NameOf(const std::byte* entry) { return reinterpret_cast<const char*>(entry) + kNameAt; }

EntryKind KindOf(uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return EntryKind::kFile;
    case S_IFLNK:
      return EntryKind::kSymlink;
    case S_IFIFO:
      return EntryKind::kFifo;
    case S_IFSOCK:
      return EntryKind::kSocket;
    case S_IFBLK:
    case S_IFCHR:
      return EntryKind::kDevice;
    default:
      return EntryKind::kOther;
  }
}

}  // namespace

Status TreeScan::Run(int fd, std::string_view under) {
  path_ = under;
  if (hints_ != nullptr) hints_->Watch(path_, fd);
  return Directory(fd, 0);
}

Status TreeScan::Directory(int fd, size_t depth) {
  if (levels_.size() <= depth) levels_.push_back(std::make_unique<Level>());
  Level& level = *levels_[depth];
  while (true) {
    if (stop_.stop_requested()) return Fail(ErrorCode::kCancelled, "the scan was stopped");
    SESHAT_ASSIGN(const bool more, Fill(fd, level));
    for (const uint32_t position : level.entries) {
      const std::byte* const entry = level.At(position);
      const auto type = static_cast<unsigned char>(entry[offsetof(Dirent, type)]);
      const char* const name = NameOf(entry);
      const size_t parent = path_.size();
      if (parent > 0) path_ += '/';
      path_ += name;
      const Status status = Entry(fd, name, type, depth);
      path_.resize(parent);
      if (!status) return status;
    }
    Release(level);
    if (!more) return {};
  }
}

Result<bool> TreeScan::Fill(int fd, Level& level) {
  level.entries.clear();
  for (size_t used = 0;; ++used) {
    if (used > 0 && (!in_order_ || used_buffers_ >= kMaxBuffers)) break;
    if (level.buffers.size() <= used) level.buffers.push_back(std::make_unique<std::byte[]>(kBufferBytes));
    const std::byte* const buffer = level.buffers[used].get();
    const long size = ::syscall(SYS_getdents64, fd, buffer, kBufferBytes);
    // A directory removed while it is read simply ends.
    if (size < 0 && errno != ENOENT)
      return std::unexpected(
          posix::PosixError(errno, "listing the directory " + (path_.empty() ? "of the source" : path_)));
    if (size <= 0) {
      Sort(level);
      return false;
    }
    ++used_buffers_;
    for (long at = 0; at < size;) {
      const std::byte* const entry = buffer + at;
      uint16_t length = 0;
      std::memcpy(&length, entry + offsetof(Dirent, size), sizeof length);
      const char* const name = NameOf(entry);
      const bool dots = name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
      if (!dots) level.entries.push_back(static_cast<uint32_t>(used * kBufferBytes + static_cast<size_t>(at)));
      at += length;
    }
    ++level.filled;
  }
  Sort(level);
  return true;
}

void TreeScan::Sort(Level& level) const {
  if (!in_order_) return;
  std::ranges::sort(level.entries,
                    [&](uint32_t a, uint32_t b) { return std::strcmp(NameOf(level.At(a)), NameOf(level.At(b))) < 0; });
}

void TreeScan::Release(Level& level) {
  used_buffers_ -= std::exchange(level.filled, 0);
  if (level.buffers.size() <= 1) return;
  // What one large directory took must be free for the next one, at whatever depth.
  level.buffers.resize(1);
  level.entries = {};
}

Status TreeScan::Entry(int fd, const char* name, unsigned char type, size_t depth) {
  if (type == DT_DIR) return Enter(fd, name, depth);
  struct statx stx;
  if (!StatAt(fd, name, stx)) return errno == ENOENT ? Status{} : Unreadable(fd, name, errno);
  if (S_ISDIR(stx.stx_mode)) return Enter(fd, name, depth);
  return visitor_.Visit({.path = path_, .kind = KindOf(stx.stx_mode), .stat = FileStatOf(stx)});
}

Status TreeScan::Enter(int fd, const char* name, size_t depth) {
  if (depth + 1 >= kMaxDepth) return Unreadable(fd, name, ENAMETOOLONG);
  // One segment and O_NOFOLLOW: it cannot lead anywhere else.
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  posix::UniqueFd child(::openat(fd, name, kFlags));
  if (!child.valid()) {
    switch (errno) {
      case ENOENT:
      case ENOTDIR:
      case ELOOP:
        return {};  // removed or replaced since it was listed: the next scan sees what it is
      case EMFILE:
      case ENFILE:
      case ENOMEM:
        return std::unexpected(posix::PosixError(errno, "opening the directory " + path_));
      default:
        return Unreadable(fd, name, errno);
    }
  }
  if (!visitor_.Enter(path_)) return {};
  if (hints_ != nullptr) hints_->Watch(path_, child.get());
  SESHAT_TRY(Directory(child.get(), depth + 1));
  return visitor_.Leave(path_);
}

Status TreeScan::Unreadable(int fd, const char* name, int error_number) {
  struct statx stx{};
  FileStat stat;
  if (StatAt(fd, name, stx)) stat = FileStatOf(stx);
  // Its times move with what happens inside, which nobody can see.
  stat.size = 0;
  const std::string reason =
      error_number == ENAMETOOLONG ? "more than 100 directories deep" : std::generic_category().message(error_number);
  return visitor_.Visit({.path = path_, .kind = EntryKind::kUnreadable, .stat = stat, .reason = reason});
}

}  // namespace seshat::posix_source
