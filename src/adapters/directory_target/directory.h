// The directory itself: finding places in it without leaving it, and temporary files. Names inside come from elsewhere
// and are not trusted.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "platform/posix/unique_fd.h"

namespace seshat::directory_target {

class Directory {
 public:
  // Makes `path` where it is missing.
  static Result<Directory> Open(const std::filesystem::path& path);
  Directory(Directory&&) noexcept = default;
  Directory& operator=(Directory&&) = delete;
  ~Directory();

  struct Place {
    posix::UniqueFd parent;
    std::string name;
  };
  // The parent of `path`, made where missing, and its last segment. kInvalidArgument for a path that is not
  // relative and clean, and where a symbolic link or a file is in the way.
  Result<Place> Locate(std::string_view path) const;

  // A new file in a folder of our own, which goes with the object.
  struct Partial {
    posix::UniqueFd fd;
    std::string name;
  };
  Result<Partial> NewPartial();
  // Moves it to its place, replacing what is there.
  Status Finish(const Partial& partial, const Place& place) const;
  void Drop(const Partial& partial) const;

 private:
  Directory() = default;
  posix::UniqueFd root_;
  posix::UniqueFd partials_;
  std::string partials_name_;
  uint64_t next_ = 0;
};

// Of the whole file, from its beginning.
Result<Sha256> DigestOf(int fd);

}  // namespace seshat::directory_target
