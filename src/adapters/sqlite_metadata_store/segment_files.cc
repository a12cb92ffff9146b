#include "adapters/sqlite_metadata_store/segment_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::sqlite_metadata_store {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr std::string_view kSuffix = ".segment";

std::unexpected<Error> Failed(std::string_view doing, const std::filesystem::path& path) {
  return std::unexpected(posix::PosixError(errno, fmt::format("{} {}", doing, path.string())));
}

Status SyncDirectory(const std::filesystem::path& path) {
  const posix::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return Failed("syncing", path);
  return {};
}

Status WriteAll(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("writing", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::filesystem::path& path, uint64_t size) {
  const posix::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return Failed("opening", path);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return Failed("looking at", path);
  if (size == 0 || static_cast<uint64_t>(info.st_size) != size)
    return Fail(ErrorCode::kDataLoss, fmt::format("{} has not the size that it should have", path.string()));
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) return Failed("mapping", path);
  return std::shared_ptr<const MappedFile>(new MappedFile(static_cast<const char*>(data), size));
}

MappedFile::~MappedFile() { ::munmap(const_cast<char*>(data_), size_); }

// What fails leaves the memory where it is.
void MappedFile::Release() const { ::madvise(const_cast<char*>(data_), size_, MADV_DONTNEED); }

SegmentFiles::SegmentFiles(const std::filesystem::path& database) : directory_(database) { directory_ += "-segments"; }

std::filesystem::path SegmentFiles::PathOf(int64_t id) const { return directory_ / fmt::format("{}{}", id, kSuffix); }

Status SegmentFiles::Write(int64_t id, std::string_view bytes) const {
  if (::mkdir(directory_.c_str(), S_IRWXU) == 0) {
    SESHAT_TRY(SyncDirectory(directory_.has_parent_path() ? directory_.parent_path() : "."));
  } else if (errno != EEXIST) {
    return Failed("making", directory_);
  }
  const auto path = PathOf(id);
  const posix::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!fd.valid()) return Failed("making", path);
  SESHAT_TRY(WriteAll(fd.get(), bytes, path));
  if (::fsync(fd.get()) != 0) return Failed("syncing", path);
  return SyncDirectory(directory_);
}

Result<std::shared_ptr<const MappedFile>> SegmentFiles::Map(int64_t id, uint64_t size) const {
  return MappedFile::Open(PathOf(id), size);
}

void SegmentFiles::Remove(int64_t id) const { ::unlink(PathOf(id).c_str()); }

Status SegmentFiles::RemoveOthers(const std::set<int64_t>& ids) const {
  std::set<std::string> kept;
  for (const int64_t id : ids) kept.insert(PathOf(id).filename().string());
  std::error_code error;
  std::filesystem::directory_iterator at(directory_, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
    if (!kept.contains(at->path().filename().string())) std::filesystem::remove(at->path(), error);
  if (error) return Fail(ErrorCode::kUnavailable, fmt::format("cleaning {}: {}", directory_.string(), error.message()));
  return {};
}

Status SegmentFiles::RemoveAll() const {
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
  if (error)
    return Fail(ErrorCode::kPermissionDenied, fmt::format("removing {}: {}", directory_.string(), error.message()));
  return {};
}

}  // namespace seshat::sqlite_metadata_store
