// Where a directory really lies, whatever name it goes by: links are resolved, and a bind mount is seen as the directory
// that it shows. For everything that must not lie inside something else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace seshat::posix {

struct DirectoryPlace {
  std::string file_system;     // "<major>:<minor>" of the device
  std::filesystem::path path;  // from the root of that file system; absolute, without "." and ".."
};

enum class PlaceRelation {
  kApart,
  kSame,
  kInside,  // the first lies inside the second
  kAround,  // the second lies inside the first
};

PlaceRelation RelationOf(const DirectoryPlace& first, const DirectoryPlace& second);

// One row of /proc/self/mountinfo, as far as it matters here (proc(5)).
struct Mount {
  std::string file_system;
  std::filesystem::path root;   // what of the file system is mounted
  std::filesystem::path point;  // where
};

// `text` as /proc/self/mountinfo has it; rows that are not understood are left out.
std::vector<Mount> ParseMountInfo(std::string_view text);

// The place of `directory`, which need not be there yet: what is missing is taken as it is written. kInvalidArgument
// where `directory` is not absolute; kInternal where `mounts` has no root.
Result<DirectoryPlace> PlaceOf(const std::filesystem::path& directory, const std::vector<Mount>& mounts);

// What this process sees mounted now. Errors of the kernel as PosixError has them.
Result<std::vector<Mount>> MountsNow();

}  // namespace seshat::posix
