#include "adapters/posix_source/inotify_hints.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string>

namespace seshat::posix_source {
namespace {

// Everything that a scan could see; not IN_MODIFY, which would come with every write.
constexpr uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR | IN_EXCL_UNLINK;

}  // namespace

InotifyHints::InotifyHints(bool enabled, size_t watch_limit)
    : watch_limit_(watch_limit), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (enabled) inotify_ = posix::UniqueFd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
}

void InotifyHints::BeginScan() { Drain(); }

void InotifyHints::Watch(std::string_view path, int fd) {
  if (!inotify_.valid()) return;
  const size_t hash = std::hash<std::string_view>{}(path);
  const std::lock_guard lock(mutex_);
  if (paths_.size() >= watch_limit_ || paths_.contains(hash)) return;
  // By the descriptor: the very directory that was opened, whatever its path leads to by now.
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  const int watch = ::inotify_add_watch(inotify_.get(), self.c_str(), kEvents);
  // Refused for want of watches, or gone: this directory gives no hints, and scans find what changes in it.
  if (watch < 0) return;
  paths_.insert(hash);
  path_of_watch_[watch] = hash;
}

bool InotifyHints::Drain() {
  if (!inotify_.valid()) return false;
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  bool any = false;
  const std::lock_guard lock(mutex_);
  while (true) {
    // The descriptor does not block. NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return any;
    any = true;
    for (ssize_t at = 0; at < size;) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
      const bool moved = (event.mask & IN_ISDIR) != 0 && (event.mask & IN_MOVED_FROM) != 0;
      if (moved || (event.mask & IN_Q_OVERFLOW) != 0) {
        // Paths no longer say which directories are watched. Watching one twice costs nothing.
        paths_.clear();
        path_of_watch_.clear();
      } else if ((event.mask & IN_IGNORED) != 0) {
        if (const auto node = path_of_watch_.extract(event.wd); !node.empty()) paths_.erase(node.mapped());
      }
    }
  }
}

WaitEnd InotifyHints::Wait(std::chrono::nanoseconds at_most, std::stop_token stop) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + at_most;
  const std::stop_callback wake(stop, [this] {
    const uint64_t one = 1;
    // A full counter wakes just as well.
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  });
  while (!stop.stop_requested()) {
    if (Drain()) return WaitEnd::kHint;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return WaitEnd::kTimeout;
    std::array<pollfd, 2> fds{pollfd{wake_.get(), POLLIN, 0}, pollfd{inotify_.get(), POLLIN, 0}};
    const nfds_t count = inotify_.valid() ? 2 : 1;
    ::poll(fds.data(), count, static_cast<int>(std::min<int64_t>(left.count(), 60'000)));
  }
  uint64_t ignored = 0;
  [[maybe_unused]] const ssize_t taken = ::read(wake_.get(), &ignored, sizeof ignored);
  return WaitEnd::kStopped;
}

size_t InotifyHints::watches() const {
  const std::lock_guard lock(mutex_);
  return paths_.size();
}

}  // namespace seshat::posix_source
