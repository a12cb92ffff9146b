// Tells that something below a source may have changed. Losing events is harmless: then it says so too.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "platform/posix/unique_fd.h"
#include "ports/source_tree.h"

namespace seshat::posix_source {

// Thread-safe; one thread at a time in Wait.
class InotifyHints {
 public:
  // Works without inotify too (`enabled` false, or the kernel has no more instances): Wait then just waits.
  InotifyHints(bool enabled, size_t watch_limit);

  // A scan of everything begins: what happened before it is seen by it.
  void BeginScan();
  // A directory met by a scan, opened as `fd`. Watched unless it is already, or the limit is reached.
  void Watch(std::string_view path, int fd);
  WaitEnd Wait(std::chrono::nanoseconds at_most, std::stop_token stop);

  size_t watches() const;

 private:
  // Reads what the kernel has; true where there was anything.
  bool Drain();

  const size_t watch_limit_;
  posix::UniqueFd inotify_;
  posix::UniqueFd wake_;  // eventfd, for stop tokens
  mutable std::mutex mutex_;
  std::unordered_set<size_t> paths_;               // hashes of the paths that are watched
  std::unordered_map<int, size_t> path_of_watch_;  // a directory that goes takes its watch with it
};

}  // namespace seshat::posix_source
