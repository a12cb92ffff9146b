// Which directories a configuration works with, and that none of them lies in another: a store inside a source would
// store itself for ever, sources inside one another would delete each other's files, and a source that is the store
// would be written into.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "composition/config/config.h"
#include "core/base/error.h"
#include "platform/posix/directory_place.h"

namespace seshat::composition {

struct NamedDirectory {
  std::string name;  // the setting: "sources.lab.path"
  std::filesystem::path path;
  bool is_source = false;
  bool is_database = false;  // `path` is where its file lies
};

// Sources, the store and the databases where they are directories of this machine, the state directory.
std::vector<NamedDirectory> DirectoriesOf(const Config& config);

// kInvalidArgument naming two settings whose directories are the same, or lie one in the other, also through links
// and bind mounts. Looks at the mounts of now; what is not there yet is taken as written.
Status CheckDirectoriesApart(const std::vector<NamedDirectory>& directories, const std::vector<posix::Mount>& mounts);

// Both, with the mounts of this process.
Status CheckDirectories(const Config& config);

}  // namespace seshat::composition
