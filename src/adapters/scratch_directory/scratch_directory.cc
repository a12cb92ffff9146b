#include "adapters/scratch_directory/scratch_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "adapters/scratch_directory/output_walk.h"
#include "adapters/scratch_directory/remove_tree.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::scratch_directory {
namespace {

constexpr std::string_view kRunPrefix = "run-";
constexpr const char* kFiles = "files";
constexpr const char* kOutputs = "out";
constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

class FileSink : public BlobSink {
 public:
  explicit FileSink(posix::UniqueFd fd) : fd_(std::move(fd)) {}

  Status WriteAt(uint64_t offset, ByteSpan data) override {
    while (!data.empty()) {
      const ssize_t n = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return std::unexpected(posix::PosixError(errno, "writing to the scratch directory"));
      offset += static_cast<uint64_t>(n);
      data = data.subspan(static_cast<size_t>(n));
    }
    return {};
  }

 private:
  posix::UniqueFd fd_;
};

class FileSource : public BlobSource {
 public:
  FileSource(posix::UniqueFd fd, const struct stat& seen) : fd_(std::move(fd)), seen_(seen) {}

  uint64_t size() const override { return static_cast<uint64_t>(seen_.st_size); }

  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    while (!out.empty()) {
      const ssize_t n = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return std::unexpected(posix::PosixError(errno, "reading from the scratch directory"));
      if (n == 0) return Fail(ErrorCode::kSourceChanged, "a scratch file became shorter");
      offset += static_cast<uint64_t>(n);
      out = out.subspan(static_cast<size_t>(n));
    }
    return {};
  }

  Status CheckUnchanged() override {
    struct stat now{};
    if (::fstat(fd_.get(), &now) != 0) return std::unexpected(posix::PosixError(errno, "looking at a scratch file"));
    if (now.st_size != seen_.st_size || now.st_mtim.tv_sec != seen_.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != seen_.st_mtim.tv_nsec)
      return Fail(ErrorCode::kSourceChanged, "a scratch file changed while it was read");
    return {};
  }

 private:
  posix::UniqueFd fd_;
  struct stat seen_;
};

Result<std::shared_ptr<BlobSource>> SourceOf(posix::UniqueFd fd) {
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return std::unexpected(posix::PosixError(errno, "looking at a scratch file"));
  if (!S_ISREG(info.st_mode)) return Fail(ErrorCode::kInvalidArgument, "this output is no regular file");
  return std::make_shared<FileSource>(std::move(fd), info);
}

Status LockWaiting(int fd) {
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return std::unexpected(posix::PosixError(errno, "locking the scratch directory"));
  }
  return {};
}

class DirectoryArea : public ScratchArea {
 public:
  // `lock` is the run's directory, locked.
  DirectoryArea(int parent, std::string name, std::filesystem::path path, posix::UniqueFd lock)
      : parent_(parent), name_(std::move(name)), path_(std::move(path)), directory_(std::move(lock)) {}

  ~DirectoryArea() override {
    // What cannot be removed now is removed by the next Clean: nothing counts on it being gone.
    (void)RemoveTree(parent_, name_);
  }

  Status Prepare() {
    for (const char* folder : {kFiles, kOutputs}) {
      if (::mkdirat(directory_.get(), folder, 0755) != 0)
        return std::unexpected(posix::PosixError(errno, "making a scratch directory"));
    }
    files_ = posix::UniqueFd(::openat(directory_.get(), kFiles, kDirectoryFlags));
    outputs_ = posix::UniqueFd(::openat(directory_.get(), kOutputs, kDirectoryFlags));
    if (!files_.valid() || !outputs_.valid())
      return std::unexpected(posix::PosixError(errno, "opening a scratch directory"));
    return {};
  }

  Result<NewFile> CreateFile(std::string_view label) override {
    const std::string name(label);
    posix::UniqueFd fd(
        ::openat(files_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    // Readable by all whatever the umask: a processor may run as another user. The run's directory is closed.
    if (!fd.valid() || ::fchmod(fd.get(), 0644) != 0)
      return std::unexpected(posix::PosixError(errno, fmt::format("making the scratch file '{}'", label)));
    return NewFile{.path = path_ / kFiles / name, .sink = std::make_shared<FileSink>(std::move(fd))};
  }

  Result<std::shared_ptr<BlobSource>> OpenFile(std::string_view label) override {
    const std::string name(label);
    posix::UniqueFd fd(::openat(files_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid())
      return std::unexpected(posix::PosixError(errno, fmt::format("opening the scratch file '{}'", label)));
    return SourceOf(std::move(fd));
  }

  std::filesystem::path output_directory() const override { return path_ / kOutputs; }

  Result<CollectedOutputs> CollectOutputs(const CollectLimits& limits) override {
    return WalkOutputs(outputs_.get(), limits);
  }

  Result<std::shared_ptr<BlobSource>> OpenOutput(std::string_view name) override {
    // O_NONBLOCK: opening a pipe must not wait for its writer.
    SESHAT_ASSIGN(posix::UniqueFd fd,
                  OpenBeneath(outputs_.get(), std::string(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    return SourceOf(std::move(fd));
  }

 private:
  int parent_;
  std::string name_;
  std::filesystem::path path_;
  posix::UniqueFd directory_;
  posix::UniqueFd files_;
  posix::UniqueFd outputs_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

class ScratchDirectory : public Scratch {
 public:
  ScratchDirectory(std::filesystem::path path, posix::UniqueFd directory, Random& random)
      : path_(std::move(path)), directory_(std::move(directory)), random_(random) {}

  Status Clean() override {
    SESHAT_ASSIGN(const posix::UniqueFd making, LockMaking());
    const int copy = ::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseDirectory> listing(copy < 0 ? nullptr : ::fdopendir(copy));
    if (listing == nullptr) return std::unexpected(posix::PosixError(errno, "listing the scratch directory"));
    std::vector<std::string> names;
    // Each thread reads a stream of its own.
    while (const dirent* entry = ::readdir(listing.get()))  // NOLINT(concurrency-mt-unsafe)
      if (std::string_view(entry->d_name).starts_with(kRunPrefix)) names.emplace_back(entry->d_name);
    for (const std::string& name : names) {
      const posix::UniqueFd run(::openat(directory_.get(), name.c_str(), kDirectoryFlags));
      if (!run.valid() || ::flock(run.get(), LOCK_EX | LOCK_NB) != 0) continue;
      SESHAT_TRY(RemoveTree(directory_.get(), name));
    }
    return {};
  }

  Result<std::unique_ptr<ScratchArea>> Open() override {
    SESHAT_ASSIGN(const posix::UniqueFd making, LockMaking());
    const std::string name = std::string(kRunPrefix) + RandomId(random_);
    if (::mkdirat(directory_.get(), name.c_str(), S_IRWXU) != 0)
      return std::unexpected(posix::PosixError(errno, "making a scratch directory"));
    posix::UniqueFd run(::openat(directory_.get(), name.c_str(), kDirectoryFlags));
    if (!run.valid()) return std::unexpected(posix::PosixError(errno, "opening a scratch directory"));
    SESHAT_TRY(LockWaiting(run.get()));
    auto area = std::make_unique<DirectoryArea>(directory_.get(), name, path_ / name, std::move(run));
    SESHAT_TRY(area->Prepare());
    return area;
  }

 private:
  // Held while a run's directory exists without its own lock, so that no Clean takes it for a leftover. A
  // description of its own: flock(2) does not tell two users of one apart.
  Result<posix::UniqueFd> LockMaking() {
    posix::UniqueFd fd(::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return std::unexpected(posix::PosixError(errno, "opening the scratch directory"));
    SESHAT_TRY(LockWaiting(fd.get()));
    return fd;
  }

  std::filesystem::path path_;
  posix::UniqueFd directory_;
  Random& random_;
};

}  // namespace

Result<std::unique_ptr<Scratch>> MakeScratchDirectory(const std::filesystem::path& directory, Random& random) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(directory, error);
  const bool made = !error && std::filesystem::create_directories(path, error);
  if (error) {
    return std::unexpected(
        posix::PosixError(error.value(), fmt::format("making the scratch directory {}", directory.string())));
  }
  posix::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || (made && ::fchmod(fd.get(), S_IRWXU) != 0))
    return std::unexpected(posix::PosixError(errno, fmt::format("opening the scratch directory {}", path.string())));
  return std::make_unique<ScratchDirectory>(path, std::move(fd), random);
}

}  // namespace seshat::scratch_directory
