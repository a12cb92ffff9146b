#include "adapters/scratch_directory/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::scratch_directory {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// A directory of ours, made accessible first: its maker may have taken all permissions away.
Result<posix::UniqueFd> OpenAnyDirectory(int parent, const std::string& name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  posix::UniqueFd fd(::openat(parent, name.c_str(), kFlags));
  if (!fd.valid() && errno == EACCES && ::fchmodat(parent, name.c_str(), S_IRWXU, 0) == 0)
    fd = posix::UniqueFd(::openat(parent, name.c_str(), kFlags));
  if (!fd.valid()) return std::unexpected(posix::PosixError(errno, "opening a scratch directory"));
  if (::fchmod(fd.get(), S_IRWXU) != 0)
    return std::unexpected(posix::PosixError(errno, "opening up a scratch directory"));
  return fd;
}

struct Entries {
  std::vector<std::string> folders;
  std::vector<std::string> others;
};

Result<Entries> List(int directory) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDirectory> listing(copy < 0 ? nullptr : ::fdopendir(copy));
  if (listing == nullptr) return std::unexpected(posix::PosixError(errno, "listing a scratch directory"));
  Entries entries;
  // Each thread reads a stream of its own.
  while (const dirent* entry = ::readdir(listing.get())) {  // NOLINT(concurrency-mt-unsafe)
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat info{};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    (S_ISDIR(info.st_mode) ? entries.folders : entries.others).push_back(std::move(name));
  }
  return entries;
}

Status UnlinkAll(int directory, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (::unlinkat(directory, name.c_str(), 0) != 0 && errno != ENOENT)
      return std::unexpected(posix::PosixError(errno, "removing a scratch file"));
  }
  return {};
}

// Moves `name` from `directory` to `top`, under the next free number.
Status MoveUp(int directory, const std::string& name, int top, uint64_t& number) {
  // Moving a directory changes its "..", so it must be writable.
  (void)::fchmodat(directory, name.c_str(), S_IRWXU, 0);
  while (true) {
    const std::string target = fmt::format("~{}", number++);
    if (::renameat(directory, name.c_str(), top, target.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
      return std::unexpected(posix::PosixError(errno, "moving a scratch directory"));
  }
}

Status RemoveFolder(int top, const std::string& name, uint64_t& number) {
  {
    SESHAT_ASSIGN(const posix::UniqueFd folder, OpenAnyDirectory(top, name));
    SESHAT_ASSIGN(const Entries entries, List(folder.get()));
    SESHAT_TRY(UnlinkAll(folder.get(), entries.others));
    for (const std::string& child : entries.folders) SESHAT_TRY(MoveUp(folder.get(), child, top, number));
  }
  if (::unlinkat(top, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return std::unexpected(posix::PosixError(errno, "removing a scratch directory"));
  return {};
}

}  // namespace

Status RemoveTree(int parent, const std::string& name) {
  auto top = OpenAnyDirectory(parent, name);
  if (!top && top.error().code == ErrorCode::kNotFound) return {};
  if (!top) return std::unexpected(top.error());
  uint64_t number = 0;
  while (true) {
    SESHAT_ASSIGN(const Entries entries, List(top->get()));
    SESHAT_TRY(UnlinkAll(top->get(), entries.others));
    if (entries.folders.empty()) break;
    for (const std::string& folder : entries.folders) SESHAT_TRY(RemoveFolder(top->get(), folder, number));
  }
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return std::unexpected(posix::PosixError(errno, "removing a scratch directory"));
  return {};
}

}  // namespace seshat::scratch_directory
