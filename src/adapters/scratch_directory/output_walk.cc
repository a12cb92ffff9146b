#include "adapters/scratch_directory/output_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "core/base/utf8.h"
#include "platform/posix/posix_error.h"

namespace seshat::scratch_directory {
namespace {

constexpr size_t kMaxNameBytes = 1024;  // ours: what a key could hold, and far below PATH_MAX
constexpr size_t kMaxIgnoredNamed = 20;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

const char* KindOf(mode_t mode) {
  if (S_ISLNK(mode)) return "link";
  if (S_ISFIFO(mode)) return "pipe";
  if (S_ISSOCK(mode)) return "socket";
  return "device";
}

// The program may have taken its own permissions away; what it made is ours all the same.
void MakeReadable(int directory, const std::string& name, mode_t mode) {
  const auto held = OpenBeneath(directory, name, O_PATH | O_NOFOLLOW);
  if (held) (void)::chmod(fmt::format("/proc/self/fd/{}", held->get()).c_str(), mode);
}

class Walk {
 public:
  explicit Walk(const CollectLimits& limits) : limits_(limits) {}

  Status Enter(int directory, const std::string& prefix, size_t depth) {
    if (depth > limits_.max_depth) {
      return Fail(ErrorCode::kResourceExhausted,
                  fmt::format("the outputs lie more than {} directories deep", limits_.max_depth));
    }
    const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseDirectory> listing(copy < 0 ? nullptr : ::fdopendir(copy));
    if (listing == nullptr) return std::unexpected(posix::PosixError(errno, "listing the outputs"));
    // Each thread reads a stream of its own.
    while (const dirent* entry = ::readdir(listing.get())) {  // NOLINT(concurrency-mt-unsafe)
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      SESHAT_TRY(Visit(directory, prefix, name, depth));
    }
    return {};
  }

  CollectedOutputs Take() {
    std::ranges::sort(outputs_.files, {}, &CollectedOutput::name);
    return std::move(outputs_);
  }

 private:
  Status Visit(int directory, const std::string& prefix, const std::string& name, size_t depth) {
    if (++entries_ > limits_.max_files) {
      return Fail(ErrorCode::kResourceExhausted,
                  fmt::format("more than {} outputs: put them into one archive", limits_.max_files));
    }
    const std::string full = prefix + name;
    if (full.size() > kMaxNameBytes)
      return Fail(ErrorCode::kResourceExhausted, "an output's path is longer than 1,024 bytes");
    struct stat info{};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      return std::unexpected(posix::PosixError(errno, fmt::format("looking at the output '{}'", full)));
    if (S_ISDIR(info.st_mode)) {
      if ((info.st_mode & S_IRWXU) != S_IRWXU) MakeReadable(directory, name, S_IRWXU);
      SESHAT_ASSIGN(const posix::UniqueFd inner, OpenBeneath(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      return Enter(inner.get(), full + "/", depth + 1);
    }
    if (S_ISREG(info.st_mode)) return AddFile(directory, name, full, info);
    if (outputs_.ignored.size() < kMaxIgnoredNamed)
      outputs_.ignored.push_back(fmt::format("{} '{}'", KindOf(info.st_mode), EscapeForTerminal(full)));
    return {};
  }

  Status AddFile(int directory, const std::string& name, const std::string& full, const struct stat& info) {
    const auto size = static_cast<uint64_t>(info.st_size);
    if (size > limits_.max_total_bytes - total_) {
      return Fail(ErrorCode::kResourceExhausted,
                  fmt::format("the outputs are larger than the {} bytes allowed", limits_.max_total_bytes));
    }
    total_ += size;
    if ((info.st_mode & S_IRUSR) == 0) MakeReadable(directory, name, S_IRUSR | S_IWUSR);
    outputs_.files.push_back({.name = full, .size = size});
    return {};
  }

  const CollectLimits& limits_;
  CollectedOutputs outputs_;
  size_t entries_ = 0;
  uint64_t total_ = 0;
};

}  // namespace

Result<posix::UniqueFd> OpenBeneath(int directory, const std::string& name, int flags) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  posix::UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how)));
  if (!fd.valid()) return std::unexpected(posix::PosixError(errno, fmt::format("opening the output '{}'", name)));
  return fd;
}

Result<CollectedOutputs> WalkOutputs(int directory, const CollectLimits& limits) {
  Walk walk(limits);
  SESHAT_TRY(walk.Enter(directory, "", 0));
  return walk.Take();
}

}  // namespace seshat::scratch_directory
