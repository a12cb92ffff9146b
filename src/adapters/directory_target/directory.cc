#include "adapters/directory_target/directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "core/records/blob_key.h"
#include "platform/posix/posix_error.h"

namespace seshat::directory_target {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

constexpr std::string_view kPartials = ".seshat-get-";

std::unexpected<Error> Failed(std::string_view doing) { return std::unexpected(posix::PosixError(errno, doing)); }

// Removes what downloads that were killed have left in `root`. A running one holds the lock on its folder; only
// files directly in such a folder are ours to remove.
void SweepPartials(const std::filesystem::path& path, int root) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    const bool ours = name.starts_with(kPartials) && name.size() > kPartials.size() &&
                      name.find_first_not_of("0123456789", kPartials.size()) == std::string::npos;
    if (!ours) continue;
    const posix::UniqueFd folder(::openat(root, name.c_str(), kDirectory));
    if (!folder.valid() || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::error_code unread;
    for (const auto& partial : std::filesystem::directory_iterator(path / name, unread))
      (void)::unlinkat(folder.get(), partial.path().filename().c_str(), 0);
    (void)::unlinkat(root, name.c_str(), AT_REMOVEDIR);
  }
}

Status CheckSegment(std::string_view segment, std::string_view path) {
  if (!segment.empty() && segment != "." && segment != ".." && segment.find('\0') == std::string_view::npos) return {};
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is no path within a session: it could lead out of the directory", records::EncodePath(path)));
}

}  // namespace

Result<Directory> Directory::Open(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return std::unexpected(posix::PosixError(error.value(), fmt::format("making {}", path.string())));
  Directory target;
  // The directory itself is the user's own choice, links included.
  target.root_ = posix::UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!target.root_.valid()) return Failed(fmt::format("opening {}", path.string()));
  SweepPartials(path, target.root_.get());
  target.partials_name_ = fmt::format("{}{}", kPartials, ::getpid());
  if (::mkdirat(target.root_.get(), target.partials_name_.c_str(), 0700) != 0 && errno != EEXIST)
    return Failed(fmt::format("writing to {}", path.string()));
  target.partials_ = posix::UniqueFd(::openat(target.root_.get(), target.partials_name_.c_str(), kDirectory));
  // Where a file system has no locks nothing is ever swept either.
  if (!target.partials_.valid() || (::flock(target.partials_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK))
    return Failed(fmt::format("writing to {}", path.string()));
  return target;
}

Directory::~Directory() {
  if (root_.valid()) (void)::unlinkat(root_.get(), partials_name_.c_str(), AT_REMOVEDIR);
}

Result<Directory::Place> Directory::Locate(std::string_view path) const {
  posix::UniqueFd here(::openat(root_.get(), ".", kDirectory));
  if (!here.valid()) return Failed("opening the directory");
  std::string_view rest = path;
  for (size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    const std::string segment(rest.substr(0, slash));
    SESHAT_TRY(CheckSegment(segment, path));
    if (::mkdirat(here.get(), segment.c_str(), 0777) != 0 && errno != EEXIST)
      return Failed(fmt::format("making the directory of {}", records::EncodePath(path)));
    posix::UniqueFd next(::openat(here.get(), segment.c_str(), kDirectory));
    if (!next.valid() && (errno == ELOOP || errno == ENOTDIR))
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is in the way of {}: it is no directory", segment, records::EncodePath(path)));
    if (!next.valid()) return Failed(fmt::format("opening the directory of {}", records::EncodePath(path)));
    here = std::move(next);
    rest.remove_prefix(slash + 1);
  }
  SESHAT_TRY(CheckSegment(rest, path));
  return Place{std::move(here), std::string(rest)};
}

Result<Directory::Partial> Directory::NewPartial() {
  Partial partial;
  partial.name = std::to_string(next_++);
  // What an earlier run of the same pid left there is of no use.
  partial.fd = posix::UniqueFd(
      ::openat(partials_.get(), partial.name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!partial.fd.valid()) return Failed("making a temporary file");
  return partial;
}

Status Directory::Finish(const Partial& partial, const Place& place) const {
  if (::renameat(partials_.get(), partial.name.c_str(), place.parent.get(), place.name.c_str()) == 0) return {};
  return Failed(fmt::format("moving {} to its place", records::EncodePath(place.name)));
}

void Directory::Drop(const Partial& partial) const { (void)::unlinkat(partials_.get(), partial.name.c_str(), 0); }

Result<Sha256> DigestOf(int fd) {
  Sha256Hasher hasher;
  std::vector<std::byte> buffer(256 * 1024);
  for (off_t offset = 0;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("reading back what was written");
    if (got == 0) return hasher.Finish();
    hasher.Update(std::span(buffer).first(static_cast<size_t>(got)));
    offset += got;
  }
}

}  // namespace seshat::directory_target
