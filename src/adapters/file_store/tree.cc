#include "adapters/file_store/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>

#include "adapters/file_store/disk_path.h"

namespace seshat::file_store {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY;
constexpr size_t kMaxOpenDirectories = 64;
constexpr size_t kMaxKnownDirectories = 20'000;  // a few MiB; beyond it some syncs are repeated
constexpr char kOnce = 't';
constexpr char kResumable = 'r';
constexpr auto kOnceKept = std::chrono::hours(24);
constexpr auto kResumableKept = std::chrono::hours(24 * 30);

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Whether nobody will come back for the file.
bool IsStale(char kind, const struct stat& status) {
  const auto written = std::chrono::system_clock::from_time_t(status.st_mtime);
  const auto age = std::chrono::system_clock::now() - written;
  if (kind == kOnce) return age > kOnceKept;
  // A second name means that the put took effect. Its caller may not know yet and learns it from this file.
  return kind == kResumable && status.st_nlink == 1 && age > kResumableKept;
}

}  // namespace

Errno<posix::UniqueFd> Tree::OpenDirectory(const std::string& path) {
  if (path.empty()) return OpenBeneath(root(), ".", kDirectoryFlags);
  auto opened = OpenBeneath(root(), path, kDirectoryFlags);
  if (opened || opened.error() != ENOENT) return opened;

  posix::UniqueFd above;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    const int parent = above.valid() ? above.get() : root();
    auto next = OpenBeneath(parent, name, kDirectoryFlags);
    if (!next && next.error() == ENOENT) {
      if (::mkdirat(parent, name.c_str(), directory_mode_) != 0 && errno != EEXIST) return std::unexpected(errno);
      next = OpenBeneath(parent, name, kDirectoryFlags);
    }
    if (!next) return next;
    above = *std::move(next);
    begin = end + 1;
  }
  return above;
}

Result<int> Tree::Puts() {
  const std::lock_guard lock(mutex_);
  if (puts_.valid()) return puts_.get();
  const auto doing = [&] { return fmt::format("making the directory for puts in {}", root_path_); };
  auto puts = OpenDirectory(fmt::format("{}/puts", kOwnDirectory));
  if (!puts) return FailWith(puts.error(), doing());
  // Resumable puts are found again after a power cut only if their directory is.
  auto own = OpenDirectory(std::string(kOwnDirectory));
  if (!own) return FailWith(own.error(), doing());
  if (auto synced = SyncFile(own->get()); !synced) return FailWith(synced.error(), doing());
  if (auto synced = SyncFile(root()); !synced) return FailWith(synced.error(), doing());
  puts_ = *std::move(puts);
  RemoveStale();
  return puts_.get();
}

void Tree::RemoveStale() {
  auto opened = OpenBeneath(puts_.get(), ".", kDirectoryFlags);
  if (!opened) return;
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(opened->get()));
  if (!directory) return;
  opened->Release();
  // The order of names does not matter, and this thread owns the stream.
  while (const dirent* entry = ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string name = entry->d_name;
    if (name[0] != kOnce && name[0] != kResumable) continue;
    const auto file = OpenBeneath(puts_.get(), name, O_RDONLY | O_NONBLOCK);
    struct stat status{};
    if (!file || ::fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (IsStale(name[0], status) && LockFile(file->get())) ::unlinkat(puts_.get(), name.c_str(), 0);
  }
}

std::string Tree::NextName(bool resumable) {
  const std::lock_guard lock(mutex_);
  if (nonce_ == 0 && ::getrandom(&nonce_, sizeof nonce_, 0) != sizeof nonce_)
    nonce_ = static_cast<uint64_t>(::getpid());  // O_EXCL still keeps two processes apart
  return fmt::format("{}{:016x}-{}", resumable ? kResumable : kOnce, nonce_, ++counter_);
}

Result<TempFile> Tree::MakeTemp(bool resumable, mode_t mode) {
  SESHAT_ASSIGN(const int puts, Puts());
  const auto doing = [&] { return fmt::format("making a temporary file in {}", root_path_); };
  while (true) {
    TempFile temp{.name = NextName(resumable)};
    auto opened = OpenBeneath(puts, temp.name, O_RDWR | O_CREAT | O_EXCL, mode);
    if (!opened && opened.error() == EEXIST) {  // a forked process counts from the same nonce
      const std::lock_guard lock(mutex_);
      nonce_ = 0;
      continue;
    }
    if (!opened) return FailWith(opened.error(), doing());
    temp.fd = *std::move(opened);
    if (auto locked = LockFile(temp.fd.get()); !locked) {
      RemoveTemp(temp.name);
      return FailWith(locked.error(), doing());
    }
    return temp;
  }
}

void Tree::RemoveTemp(const std::string& name) {
  if (const auto puts = Puts()) ::unlinkat(*puts, name.c_str(), 0);
}

Result<int> LinkRound::Directory(const std::string& path) {
  if (const auto found = open_.find(path); found != open_.end()) return found->second.get();
  auto opened = tree_.OpenDirectory(path);
  if (!opened) {
    const int code = opened.error();
    if (code == ENOTDIR)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("an object lies where the folder '{}' would be: use another key", path));
    return FailWith(code, fmt::format("opening the directory {}/{}", tree_.root_path(), path));
  }
  {
    const std::lock_guard lock(tree_.mutex_);
    for (std::string_view entry = path; !entry.empty() && !tree_.durable_.contains(std::string(entry));
         entry = SplitLeaf(entry).first) {
      touched_.emplace(SplitLeaf(entry).first);
      new_durable_.emplace_back(entry);
    }
  }
  if (open_.size() >= kMaxOpenDirectories) open_.clear();
  return open_.emplace(path, *std::move(opened)).first->second.get();
}

Status LinkRound::Link(const std::string& temp, std::string_view key) {
  const std::string path = DiskPath(key);
  const auto [folder_view, leaf_view] = SplitLeaf(path);
  const std::string folder(folder_view);
  const std::string leaf(leaf_view);
  SESHAT_ASSIGN(const int puts, tree_.Puts());
  SESHAT_ASSIGN(const int directory, Directory(folder));
  touched_.insert(folder);
  if (::linkat(puts, temp.c_str(), directory, leaf.c_str(), 0) == 0) return {};
  if (errno == EEXIST) return ExplainTaken(directory, leaf, temp, key);
  return FailWith(errno, fmt::format("linking {}/{}", tree_.root_path(), key));
}

Status LinkRound::ExplainTaken(int directory, const std::string& leaf, const std::string& temp, std::string_view key) {
  const auto doing = [&] { return fmt::format("looking at {}/{}", tree_.root_path(), key); };
  struct stat taken{};
  struct stat own{};
  if (::fstatat(directory, leaf.c_str(), &taken, AT_SYMLINK_NOFOLLOW) != 0) return FailWith(errno, doing());
  if (S_ISDIR(taken.st_mode))
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is a folder here: use another key", key));
  if (S_ISLNK(taken.st_mode)) return FailWith(ELOOP, doing());
  SESHAT_ASSIGN(const int puts, tree_.Puts());
  if (::fstatat(puts, temp.c_str(), &own, AT_SYMLINK_NOFOLLOW) != 0) return FailWith(errno, doing());
  if (taken.st_ino == own.st_ino && taken.st_dev == own.st_dev) return {};
  return Fail(ErrorCode::kAlreadyExists, fmt::format("'{}' is taken; nothing was changed", key));
}

Status LinkRound::Sync() {
  for (const std::string& path : touched_) {
    const auto failed = [&](int code) {
      Error error = StoreError(code, fmt::format("syncing the directory {}/{}", tree_.root_path(), path));
      error.code = ErrorCode::kUnavailable;  // the names are there: whether for good is not known
      return std::unexpected(std::move(error));
    };
    const auto known = open_.find(path);
    posix::UniqueFd opened;
    int fd = path.empty() ? tree_.root() : -1;
    if (known != open_.end()) {
      fd = known->second.get();
    } else if (fd < 0) {
      auto directory = OpenBeneath(tree_.root(), path, kDirectoryFlags);
      if (!directory) return failed(directory.error());
      opened = *std::move(directory);
      fd = opened.get();
    }
    if (auto synced = SyncFile(fd); !synced) return failed(synced.error());
  }
  const std::lock_guard lock(tree_.mutex_);
  if (tree_.durable_.size() + new_durable_.size() > kMaxKnownDirectories) tree_.durable_.clear();
  tree_.durable_.insert(new_durable_.begin(), new_durable_.end());
  new_durable_.clear();
  touched_.clear();
  return {};
}

}  // namespace seshat::file_store
