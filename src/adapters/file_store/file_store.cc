#include "adapters/file_store/file_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <deque>
#include <limits>

#include "adapters/file_store/disk_path.h"
#include "adapters/file_store/file_io.h"
#include "adapters/file_store/listing.h"
#include "adapters/file_store/put_state.h"
#include "adapters/file_store/small_puts.h"
#include "adapters/file_store/stream_put.h"
#include "adapters/file_store/tree.h"

namespace seshat::file_store {
namespace {

constexpr size_t kReadBytes = 1024 * 1024;
constexpr auto kAskAgain = std::chrono::milliseconds(500);  // the port says: at least once a second

Status CheckKey(const BlobKey& key) {
  const std::string& text = key.value();
  if (text == kOwnDirectory || text.starts_with(fmt::format("{}/", kOwnDirectory)))
    return Fail(ErrorCode::kInvalidArgument, "keys that start with '.seshat' are reserved by the file store");
  return {};
}

Status CheckPut(const PutRequest& request) {
  SESHAT_TRY(CheckKey(request.key));
  if (!request.body) return Fail(ErrorCode::kInvalidArgument, "a put needs a body");
  if (request.body->size() > static_cast<uint64_t>(std::numeric_limits<off_t>::max()))
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is too large for a file", request.key.value()));
  return {};
}

class FileBlobStore : public BlobStore {
 public:
  FileBlobStore(const FileStoreOptions& options, posix::UniqueFd root)
      : options_(options), tree_(std::move(root), options.root.string(), options.directory_mode) {
    capabilities_.max_object_bytes = static_cast<uint64_t>(std::numeric_limits<off_t>::max());
  }

  const Capabilities& capabilities() const override { return capabilities_; }

  void PutAll(PutFeed& feed, std::stop_token stop) override {
    SmallPuts small(tree_, options_);
    std::deque<PutRequest> waiting;  // asked for while a large one was under way
    while (true) {
      std::optional<PutRequest> request;
      if (!waiting.empty()) {
        request = std::move(waiting.front());
        waiting.pop_front();
      } else if (!stop.stop_requested()) {
        request = feed.Next();
      }
      if (!request) {
        if (small.empty()) return;
        small.Commit(feed, stop);
        continue;
      }
      if (auto ok = CheckPut(*request); !ok) {
        feed.Done(request->tag, std::unexpected(std::move(ok).error()));
      } else if (stop.stop_requested()) {
        feed.Done(request->tag, Fail(ErrorCode::kCancelled, "stopped"));
      } else if (request->journal == nullptr && request->resume_state.empty() && request->body->size() <= kSmallBytes) {
        small.Add(*std::move(request));
        if (small.full()) small.Commit(feed, stop);
      } else {
        if (!small.empty()) small.Commit(feed, stop);
        feed.Done(request->tag, Stream(*request, feed, waiting, stop));
      }
    }
  }

  Status Abandon(const BlobKey&, std::string_view resume_state) override {
    if (const auto state = PutState::Parse(resume_state)) tree_.RemoveTemp(state->name);
    return {};
  }

  void GetAll(GetFeed& feed, std::stop_token stop) override {
    while (!stop.stop_requested()) {
      auto request = feed.Next();
      if (!request) return;
      feed.Done(request->tag, Get(*request, stop));
    }
  }

  Result<BlobInfo> Stat(const BlobKey& key) override {
    SESHAT_ASSIGN(auto object, Open(key, O_PATH | O_NOFOLLOW));
    return object.info;
  }

  Result<ListPage> List(const ListOptions& options) override {
    SESHAT_TRY(CheckMayRead());
    if (options.limit < 1 || options.limit > 1000)
      return Fail(ErrorCode::kInvalidArgument, "a page holds 1 to 1000 entries");
    return ListTree(tree_, options);
  }

  Status Restore(const BlobKey&, const RestoreOptions&) override {
    return Fail(ErrorCode::kUnsupported, "a directory has no cold storage: everything can be read at once");
  }

  // RFC 8089: a path in a URL holds no blanks, '%', '?' or '#' of its own.
  std::string Url(const BlobKey& key) const override {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    std::string url = "file://";
    std::error_code error;
    auto root = std::filesystem::absolute(options_.root, error);
    for (const char c : fmt::format("{}/{}", error ? options_.root.string() : root.string(), DiskPath(key.value()))) {
      if (kPlain.find(c) != std::string_view::npos) {
        url += c;
      } else {
        url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
      }
    }
    return url;
  }

 private:
  struct Object {
    posix::UniqueFd fd;
    BlobInfo info;
  };

  Status CheckMayRead() const {
    if (options_.access == BlobAccess::kReadWrite) return {};
    return Fail(ErrorCode::kPermissionDenied, "this blob store was opened for writing only");
  }

  Result<PutOutcome> Stream(PutRequest& request, PutFeed& feed, std::deque<PutRequest>& waiting,
                            const std::stop_token& stop) {
    auto asked = std::chrono::steady_clock::now();
    StreamPut put(tree_, options_, request, [&] {
      const auto now = std::chrono::steady_clock::now();
      if (now - asked < kAskAgain || !waiting.empty() || stop.stop_requested()) return;
      asked = now;
      if (auto next = feed.Next()) waiting.push_back(*std::move(next));
    });
    return put.Run(stop);
  }

  Result<Object> Open(const BlobKey& key, int flags) {
    SESHAT_TRY(CheckMayRead());
    SESHAT_TRY(CheckKey(key));
    const auto missing = [&] { return Fail(ErrorCode::kNotFound, fmt::format("no object '{}'", key.value())); };
    const auto doing = [&] { return fmt::format("opening {}/{}", tree_.root_path(), key.value()); };
    auto opened = OpenBeneath(tree_.root(), DiskPath(key.value()), flags);
    if (!opened && (opened.error() == ENOENT || opened.error() == ENOTDIR)) return missing();
    if (!opened) return FailWith(opened.error(), doing());
    struct stat status{};
    if (::fstat(opened->get(), &status) != 0) return FailWith(errno, doing());
    if (S_ISDIR(status.st_mode)) return missing();
    if (S_ISLNK(status.st_mode)) return FailWith(ELOOP, doing());
    if (!S_ISREG(status.st_mode))
      return Fail(ErrorCode::kDataLoss, fmt::format("{}: it is no file: somebody put it there; remove it", doing()));
    return Object{*std::move(opened), InfoFrom(key.value(), status)};
  }

  Result<BlobInfo> Get(GetRequest& request, const std::stop_token& stop) {
    if (!request.sink) return Fail(ErrorCode::kInvalidArgument, "a get needs a sink");
    SESHAT_ASSIGN(Object object, Open(request.key, O_RDONLY | O_NONBLOCK));
    const uint64_t size = object.info.size;
    if (request.offset > size)
      return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' has only {} bytes", request.key.value(), size));
    const uint64_t length = std::min(request.length.value_or(size), size - request.offset);
    std::vector<std::byte> buffer(std::min<uint64_t>(length, kReadBytes));
    for (uint64_t done = 0; done < length;) {
      if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "stopped");
      const auto piece = MutableByteSpan(buffer).first(std::min<uint64_t>(buffer.size(), length - done));
      auto got = ReadFull(object.fd.get(), piece, request.offset + done);
      if (!got) return FailWith(got.error(), fmt::format("reading {}/{}", tree_.root_path(), request.key.value()));
      if (*got != piece.size())
        return Fail(ErrorCode::kDataLoss, fmt::format("'{}' became shorter while it was read", request.key.value()));
      SESHAT_TRY(request.sink->WriteAt(done, piece));
      done += piece.size();
    }
    return object.info;
  }

  const FileStoreOptions options_;
  Capabilities capabilities_;
  Tree tree_;
};

// The root and the directories above it that are missing, each made durable in the one above.
Status MakeRoot(const std::filesystem::path& root) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(root, error);
  if (error) return FailWith(error.value(), fmt::format("finding the blob store {}", root.string()));
  std::filesystem::path made;
  for (const auto& part : absolute) {
    const auto above = made;
    made /= part;
    if (made == absolute.root_path() || part.empty()) continue;
    if (::mkdir(made.c_str(), 0750) != 0) {
      const int code = errno;
      if (code == EEXIST || std::filesystem::is_directory(made, error)) continue;
      return FailWith(code, fmt::format("making the blob store {}", root.string()));
    }
    const posix::UniqueFd directory(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid()) return FailWith(errno, fmt::format("making the blob store {}", root.string()));
    if (auto synced = SyncFile(directory.get()); !synced)
      return FailWith(synced.error(), fmt::format("making the blob store {}", root.string()));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<BlobStore>> MakeFileBlobStore(const FileStoreOptions& options) {
  const std::string doing = fmt::format("opening the blob store {}", options.root.string());
  if (options.root.empty()) return Fail(ErrorCode::kInvalidArgument, "a file store needs a root directory");
  if (options.part_bytes == 0 || options.sync_threads == 0)
    return Fail(ErrorCode::kInvalidArgument, "part_bytes and sync_threads must be at least 1");
  const auto open = [&] { return posix::UniqueFd(::open(options.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); };
  posix::UniqueFd root = open();
  if (!root.valid() && errno == ENOENT) {
    SESHAT_TRY(MakeRoot(options.root));
    root = open();
  }
  if (!root.valid()) return FailWith(errno, doing);
  // Says at once where the kernel is too old.
  if (auto probe = OpenBeneath(root.get(), ".", O_RDONLY | O_DIRECTORY); !probe) return FailWith(probe.error(), doing);
  return std::make_unique<FileBlobStore>(options, std::move(root));
}

}  // namespace seshat::file_store
