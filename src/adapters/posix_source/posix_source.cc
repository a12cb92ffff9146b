#include "adapters/posix_source/posix_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include "adapters/posix_source/inotify_hints.h"
#include "adapters/posix_source/safe_open.h"
#include "adapters/posix_source/tree_scan.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::posix_source {
namespace {

using posix_source::FileStatOf;
using posix_source::OpenBeneath;
using posix_source::StatAt;

// Files from here on are read ahead in larger steps.
constexpr uint64_t kSequentialBytes = 1 << 20;

std::unexpected<Error> Problem(int error_number, const std::string& doing) {
  return std::unexpected(posix::PosixError(error_number, doing));
}

class FileBody : public BlobSource {
 public:
  FileBody(posix::UniqueFd fd, std::string path, const FileStat& stat)
      : fd_(std::move(fd)), path_(std::move(path)), stat_(stat) {}

  uint64_t size() const override { return stat_.size; }

  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    while (!out.empty()) {
      const ssize_t got = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Problem(errno, "reading " + path_);
      if (got == 0) return Fail(ErrorCode::kSourceChanged, "a file became shorter while it was read: " + path_);
      out = out.subspan(static_cast<size_t>(got));
      offset += static_cast<uint64_t>(got);
    }
    return {};
  }

  Status CheckUnchanged() override {
    struct statx stx;
    if (!StatAt(fd_.get(), "", stx)) return Problem(errno, "looking at " + path_);
    if (FileStatOf(stx) == stat_) return {};
    return Fail(ErrorCode::kSourceChanged, "a file changed while it was read: " + path_);
  }

 private:
  posix::UniqueFd fd_;
  std::string path_;
  FileStat stat_;
};

class PosixSource : public SourceTree {
 public:
  explicit PosixSource(const PosixSourceOptions& options)
      : root_path_(options.root), hints_(options.hints, options.watch_limit) {}

  Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) override;
  Result<SourceFile> Open(std::string_view path) override;
  WaitEnd WaitForChange(std::chrono::nanoseconds at_most, std::stop_token stop) override {
    return hints_.Wait(at_most, std::move(stop));
  }
  Status Delete(std::string_view path, const FileStat& expected) override;
  Status WriteNote(std::string_view path, std::string_view text) override;

 private:
  // The directory as it is now: a mount may have come, or come back, since the last time.
  Result<std::shared_ptr<const posix::UniqueFd>> OpenRoot();
  // The one of the last scan of everything.
  Result<std::shared_ptr<const posix::UniqueFd>> Root();
  // The directory that holds `path`, and the last segment.
  Result<std::pair<posix::UniqueFd, std::string>> OpenParent(std::string_view path);

  std::filesystem::path root_path_;
  InotifyHints hints_;
  std::mutex mutex_;
  std::shared_ptr<const posix::UniqueFd> root_;
};

Result<std::shared_ptr<const posix::UniqueFd>> PosixSource::OpenRoot() {
  posix::UniqueFd fd(::open(root_path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return Problem(errno, "opening the source " + root_path_.string());
  auto root = std::make_shared<const posix::UniqueFd>(std::move(fd));
  const std::lock_guard lock(mutex_);
  root_ = root;
  return root;
}

Result<std::shared_ptr<const posix::UniqueFd>> PosixSource::Root() {
  {
    const std::lock_guard lock(mutex_);
    if (root_) return root_;
  }
  return OpenRoot();
}

Status PosixSource::Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) {
  if (under.empty()) hints_.BeginScan();
  SESHAT_ASSIGN(const auto root, under.empty() ? OpenRoot() : Root());
  const std::string path = under.empty() ? "." : std::string(under);
  const posix::UniqueFd fd(OpenBeneath(root->get(), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!fd.valid()) {
    if (errno == ELOOP || errno == EXDEV) errno = ENOTDIR;  // a link where a directory was
    return Problem(errno, "listing " + (root_path_ / path).string());
  }
  // A session is walked to be journaled file by file, everything only to be looked at.
  posix_source::TreeScan scan(visitor, under.empty() ? &hints_ : nullptr, !under.empty(), std::move(stop));
  return scan.Run(fd.get(), under);
}

Result<SourceFile> PosixSource::Open(std::string_view path) {
  SESHAT_ASSIGN(const auto root, Root());
  const std::string name(path);
  // Without reading rights and without effect on devices and FIFOs: first see what it is.
  const posix::UniqueFd seen(OpenBeneath(root->get(), name, O_PATH | O_NOFOLLOW));
  if (!seen.valid()) {
    if (errno == ELOOP || errno == EXDEV)
      return Fail(ErrorCode::kSourceChanged, "a symbolic link stands where a file was: " + name);
    return Problem(errno, "opening " + name);
  }
  struct statx stx;
  if (!StatAt(seen.get(), "", stx)) return Problem(errno, "looking at " + name);
  if (!S_ISREG(stx.stx_mode)) return Fail(ErrorCode::kSourceChanged, "no regular file any more: " + name);
  posix::UniqueFd fd = posix_source::ReopenForReading(seen.get());
  if (!fd.valid()) return Problem(errno, "opening " + name);
  if (!StatAt(fd.get(), "", stx)) return Problem(errno, "looking at " + name);
  const FileStat stat = FileStatOf(stx);
  if (stat.size >= kSequentialBytes) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return SourceFile{std::make_shared<FileBody>(std::move(fd), name, stat), stat};
}

Result<std::pair<posix::UniqueFd, std::string>> PosixSource::OpenParent(std::string_view path) {
  SESHAT_ASSIGN(const auto root, Root());
  const size_t slash = path.rfind('/');
  const std::string parent(slash == std::string_view::npos ? "." : path.substr(0, slash));
  posix::UniqueFd fd(OpenBeneath(root->get(), parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!fd.valid()) return Problem(errno, "opening the directory " + parent);
  return std::pair(std::move(fd), std::string(path.substr(slash == std::string_view::npos ? 0 : slash + 1)));
}

Status PosixSource::Delete(std::string_view path, const FileStat& expected) {
  auto parent = OpenParent(path);
  if (!parent) {
    if (parent.error().code == ErrorCode::kNotFound) return {};
    return std::unexpected(std::move(parent).error());
  }
  const auto& [fd, name] = *parent;
  struct statx stx;
  if (!StatAt(fd.get(), name.c_str(), stx))
    return errno == ENOENT ? Status{} : Problem(errno, "looking at " + std::string(path));
  if (!S_ISREG(stx.stx_mode) || FileStatOf(stx) != expected)
    return Fail(ErrorCode::kSourceChanged, "a file changed before it could be deleted: " + std::string(path));
  if (::unlinkat(fd.get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return Problem(errno, "deleting " + std::string(path));
}

Status PosixSource::WriteNote(std::string_view path, std::string_view text) {
  SESHAT_ASSIGN(const auto parent, OpenParent(path));
  const auto& [directory, name] = parent;
  const std::string doing = "writing " + std::string(path);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const posix::UniqueFd fd(::openat(directory.get(), name.c_str(), kFlags, 0644));
  if (!fd.valid()) return Problem(errno, doing);
  int error = 0;
  while (!text.empty() && error == 0) {
    const ssize_t put = ::write(fd.get(), text.data(), text.size());
    if (put > 0) text.remove_prefix(static_cast<size_t>(put));
    if (put < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && ::fsync(fd.get()) != 0) error = errno;
  if (error == 0) return {};
  ::unlinkat(directory.get(), name.c_str(), 0);
  return Problem(error, doing);
}

}  // namespace

Result<std::unique_ptr<SourceTree>> MakePosixSource(const PosixSourceOptions& options) {
  if (!options.root.is_absolute())
    return Fail(ErrorCode::kInvalidArgument, "a source needs an absolute path, not '" + options.root.string() + "'");
  return std::make_unique<PosixSource>(options);
}

}  // namespace seshat::posix_source
