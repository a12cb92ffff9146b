// Walks a directory tree with getdents64 and statx. Private to this adapter.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/posix_source/inotify_hints.h"
#include "core/error.h"
#include "ports/source_tree.h"

namespace seshat::posix_source {

class TreeScan {
 public:
  // `hints` may be null.
  TreeScan(SourceVisitor& visitor, InotifyHints* hints, std::stop_token stop)
      : visitor_(visitor), hints_(hints), stop_(std::move(stop)) {}

  // `fd` is an open directory with the path `under`; `depth` of it is 0.
  Status Run(int fd, std::string_view under);

 private:
  Status Directory(int fd, size_t depth);
  Status Entry(int fd, const char* name, unsigned char type, size_t depth);
  Status Enter(int fd, const char* name, size_t depth);
  Status Unreadable(int fd, const char* name, int error_number);

  SourceVisitor& visitor_;
  InotifyHints* hints_;
  std::stop_token stop_;
  std::string path_;
  std::vector<std::unique_ptr<std::byte[]>> buffers_;  // one for each depth, kept for the next directory
};

}  // namespace seshat::posix_source
