// Walks a directory tree with getdents64 and statx. Private to this adapter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/posix_source/inotify_hints.h"
#include "core/base/error.h"
#include "ports/source_tree.h"

namespace seshat::posix_source {

class TreeScan {
 public:
  // `hints` may be null. `in_order`: names of a directory come sorted by bytes, as many at a time as fit into 8 MiB;
  // who writes them into an index touches each of its pages a few times only, instead of once for every name.
  TreeScan(SourceVisitor& visitor, InotifyHints* hints, bool in_order, std::stop_token stop)
      : visitor_(visitor), hints_(hints), in_order_(in_order), stop_(std::move(stop)) {}

  // `fd` is an open directory with the path `under`; `depth` of it is 0.
  Status Run(int fd, std::string_view under);

 private:
  static constexpr size_t kBufferBytes = 64 * 1024;
  // A directory being walked: entries as the kernel gave them, and where each begins.
  struct Level {
    std::vector<std::unique_ptr<std::byte[]>> buffers;
    std::vector<uint32_t> entries;  // buffer × kBufferBytes + offset
    size_t filled = 0;              // buffers that hold entries
    const std::byte* At(uint32_t position) const {
      return buffers[position / kBufferBytes].get() + position % kBufferBytes;
    }
  };

  Status Directory(int fd, size_t depth);
  // Reads the next entries; false when they are the last.
  Result<bool> Fill(int fd, Level& level);
  void Sort(Level& level) const;
  void Release(Level& level);
  Status Entry(int fd, const char* name, unsigned char type, size_t depth);
  Status Enter(int fd, const char* name, size_t depth);
  Status Unreadable(int fd, const char* name, int error_number);

  SourceVisitor& visitor_;
  InotifyHints* hints_;
  bool in_order_;
  std::stop_token stop_;
  std::string path_;
  std::vector<std::unique_ptr<Level>> levels_;  // one for each depth, kept for the next directory
  size_t used_buffers_ = 0;                     // of all levels
};

}  // namespace seshat::posix_source
