#include "adapters/directory_target/directory_target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "adapters/directory_target/directory.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::directory_target {
namespace {

constexpr mode_t kPermissions = 0777;

class FileSink : public BlobSink {
 public:
  explicit FileSink(int fd) : fd_(fd) {}
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    while (!data.empty()) {
      const ssize_t written = ::pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return std::unexpected(posix::PosixError(errno, "writing the file"));
      data = data.subspan(static_cast<size_t>(written));
      offset += static_cast<uint64_t>(written);
    }
    return {};
  }

 private:
  int fd_;
};

Status ApplyModeAndTime(int fd, const TargetFile& file) {
  if (::fchmod(fd, file.mode & kPermissions) != 0)
    return std::unexpected(posix::PosixError(errno, "setting the file's mode"));
  if (!file.modified_at) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*file.modified_at);
  const timespec times[2]{{0, UTIME_OMIT}, {seconds.time_since_epoch().count(), (*file.modified_at - seconds).count()}};
  if (::futimens(fd, times) != 0) return std::unexpected(posix::PosixError(errno, "setting the file's time"));
  return {};
}

class DirectoryFile : public PartialFile {
 public:
  DirectoryFile(Directory& directory, TargetFile file, Directory::Place place, Directory::Partial partial)
      : directory_(directory), file_(std::move(file)), place_(std::move(place)), partial_(std::move(partial)) {}
  ~DirectoryFile() override {
    if (!finished_) directory_.Drop(partial_);
  }

  std::shared_ptr<BlobSink> sink() override { return std::make_shared<FileSink>(partial_.fd.get()); }

  Status Finish() override {
    SESHAT_ASSIGN(const Sha256 digest, DigestOf(partial_.fd.get()));
    if (digest != file_.sha256)
      return Fail(ErrorCode::kDataLoss,
                  fmt::format("its bytes have the SHA-256 {} instead of {}", digest.ToHex(), file_.sha256.ToHex()));
    SESHAT_TRY(ApplyModeAndTime(partial_.fd.get(), file_));
    SESHAT_TRY(directory_.Finish(partial_, place_));
    finished_ = true;
    return {};
  }

 private:
  Directory& directory_;
  const TargetFile file_;
  const Directory::Place place_;
  const Directory::Partial partial_;
  bool finished_ = false;
};

class DirectoryTarget : public DownloadTarget {
 public:
  explicit DirectoryTarget(Directory directory) : directory_(std::move(directory)) {}

  Result<std::unique_ptr<PartialFile>> Begin(const TargetFile& file) override {
    SESHAT_ASSIGN(Directory::Place place, directory_.Locate(file.path));
    SESHAT_ASSIGN(const bool there, IsThere(file, place));
    if (there) return nullptr;
    SESHAT_ASSIGN(Directory::Partial partial, directory_.NewPartial());
    return std::make_unique<DirectoryFile>(directory_, file, std::move(place), std::move(partial));
  }

 private:
  static Result<bool> IsThere(const TargetFile& file, const Directory::Place& place) {
    const posix::UniqueFd fd(
        ::openat(place.parent.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<uint64_t>(status.st_size) != file.size)
      return false;
    SESHAT_ASSIGN(const Sha256 digest, DigestOf(fd.get()));
    if (digest != file.sha256) return false;
    // Not ours to change, perhaps: then its bytes are right all the same.
    [[maybe_unused]] const Status applied = ApplyModeAndTime(fd.get(), file);
    return true;
  }

  Directory directory_;
};

}  // namespace

Result<std::unique_ptr<DownloadTarget>> MakeDirectoryTarget(const std::filesystem::path& path) {
  SESHAT_ASSIGN(Directory directory, Directory::Open(path));
  return std::make_unique<DirectoryTarget>(std::move(directory));
}

}  // namespace seshat::directory_target
