#include "cli/download/download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>

#include "cli/download/target_directory.h"
#include "core/records/blob_key.h"
#include "platform/posix/posix_error.h"

namespace seshat::cli {
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

Status Dress(int fd, const WantedFile& file) {
  if (::fchmod(fd, file.mode & kPermissions) != 0)
    return std::unexpected(posix::PosixError(errno, "setting the file's mode"));
  if (!file.modified_at) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*file.modified_at);
  const timespec times[2]{{0, UTIME_OMIT}, {seconds.time_since_epoch().count(), (*file.modified_at - seconds).count()}};
  if (::futimens(fd, times) != 0) return std::unexpected(posix::PosixError(errno, "setting the file's time"));
  return {};
}

Error Mismatch(const WantedFile& file, const Sha256& found) {
  return {ErrorCode::kDataLoss,
          fmt::format("its bytes have the SHA-256 {} instead of {}: the stored object {} is damaged", found.ToHex(),
                      file.sha256.ToHex(), file.key)};
}

class DownloadFeed : public GetFeed {
 public:
  DownloadFeed(TargetDirectory& target, const std::vector<WantedFile>& files,
               const std::function<void(uint64_t, uint64_t)>& advanced)
      : target_(target), files_(files), advanced_(advanced) {}

  std::optional<GetRequest> Next() override {
    while (next_ < files_.size()) {
      const size_t index = next_++;
      auto request = Begin(index);
      if (request && *request) return std::move(*request);
      if (!request) Fail(files_[index], request.error());
    }
    return std::nullopt;
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    auto slot = std::move(slots_.extract(tag).mapped());
    const WantedFile& file = files_[tag];
    Status status = outcome ? Complete(file, slot) : Status(std::unexpected(outcome.error()));
    if (status) {
      ++summary_.fetched;
      summary_.bytes += file.size;
      advanced_(1, file.size);
      return;
    }
    target_.Drop(slot.partial);
    Fail(file, status.error());
  }

  DownloadSummary Take() { return std::move(summary_); }

 private:
  struct Slot {
    TargetDirectory::Place place;
    TargetDirectory::Partial partial;
  };

  // Nothing where the file is there already.
  Result<std::optional<GetRequest>> Begin(size_t index) {
    const WantedFile& file = files_[index];
    SESHAT_ASSIGN(const BlobKey key, BlobKey::Parse(file.key));
    SESHAT_ASSIGN(TargetDirectory::Place place, target_.Locate(file.path));
    SESHAT_ASSIGN(const bool there, IsThere(file, place));
    if (there) {
      ++summary_.kept;
      advanced_(1, file.size);
      return std::nullopt;
    }
    SESHAT_ASSIGN(TargetDirectory::Partial partial, target_.NewPartial());
    auto sink = std::make_shared<FileSink>(partial.fd.get());
    slots_.emplace(index, Slot{std::move(place), std::move(partial)});
    return GetRequest{.key = key, .sink = std::move(sink), .tag = index};
  }

  static Result<bool> IsThere(const WantedFile& file, const TargetDirectory::Place& place) {
    const posix::UniqueFd fd(
        ::openat(place.parent.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<uint64_t>(status.st_size) != file.size)
      return false;
    SESHAT_ASSIGN(const Sha256 digest, DigestOf(fd.get()));
    if (digest != file.sha256) return false;
    // Not ours to change, perhaps: then its bytes are right all the same.
    [[maybe_unused]] const Status dressed = Dress(fd.get(), file);
    return true;
  }

  Status Complete(const WantedFile& file, const Slot& slot) {
    SESHAT_ASSIGN(const Sha256 digest, DigestOf(slot.partial.fd.get()));
    if (digest != file.sha256) return std::unexpected(Mismatch(file, digest));
    SESHAT_TRY(Dress(slot.partial.fd.get(), file));
    return target_.Finish(slot.partial, slot.place);
  }

  void Fail(const WantedFile& file, Error error) { summary_.failed.push_back({file.path, std::move(error)}); }

  TargetDirectory& target_;
  const std::vector<WantedFile>& files_;
  const std::function<void(uint64_t, uint64_t)>& advanced_;
  size_t next_ = 0;
  std::map<uint64_t, Slot> slots_;
  DownloadSummary summary_;
};

// Hashes in order what may arrive out of order.
class DigestSink : public BlobSink {
 public:
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    const std::lock_guard lock(mutex_);
    if (offset != next_) {
      waiting_bytes_ += data.size();
      if (waiting_bytes_ > kMostWaiting)
        return Fail(ErrorCode::kResourceExhausted, "the store reads too far out of order to be verified");
      waiting_.emplace(offset, std::string(AsText(data)));
      return {};
    }
    Take(data);
    for (auto at = waiting_.find(next_); at != waiting_.end(); at = waiting_.find(next_)) {
      Take(AsBytes(at->second));
      waiting_bytes_ -= at->second.size();
      waiting_.erase(at);
    }
    return {};
  }
  Sha256 Finish() { return hasher_.Finish(); }
  uint64_t size() const { return next_; }

 private:
  static constexpr size_t kMostWaiting = 256 << 20;
  void Take(ByteSpan data) {
    hasher_.Update(data);
    next_ += data.size();
  }

  std::mutex mutex_;
  Sha256Hasher hasher_;
  uint64_t next_ = 0;
  std::map<uint64_t, std::string> waiting_;
  size_t waiting_bytes_ = 0;
};

class VerifyFeed : public GetFeed {
 public:
  VerifyFeed(const std::vector<WantedFile>& files, const std::function<void(uint64_t, uint64_t)>& advanced)
      : files_(files), advanced_(advanced) {}

  std::optional<GetRequest> Next() override {
    while (next_ < files_.size()) {
      const size_t index = next_++;
      auto key = BlobKey::Parse(files_[index].key);
      if (!key) {
        summary_.failed.push_back({files_[index].path, key.error()});
        continue;
      }
      auto sink = std::make_shared<DigestSink>();
      sinks_.emplace(index, sink);
      return GetRequest{.key = std::move(*key), .sink = std::move(sink), .tag = index};
    }
    return std::nullopt;
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    const auto sink = std::move(sinks_.extract(tag).mapped());
    const WantedFile& file = files_[tag];
    if (!outcome) {
      // An object that a manifest names and the store lacks is lost data, whatever the store calls it.
      Error error = std::move(outcome.error());
      if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kDataLoss;
      summary_.failed.push_back({file.path, std::move(error)});
    } else if (const Sha256 digest = sink->Finish(); digest != file.sha256) {
      summary_.failed.push_back({file.path, Mismatch(file, digest)});
    } else {
      ++summary_.fetched;
      summary_.bytes += file.size;
    }
    advanced_(1, file.size);
  }

  DownloadSummary Take() { return std::move(summary_); }

 private:
  const std::vector<WantedFile>& files_;
  const std::function<void(uint64_t, uint64_t)>& advanced_;
  size_t next_ = 0;
  std::map<uint64_t, std::shared_ptr<DigestSink>> sinks_;
  DownloadSummary summary_;
};

}  // namespace

Result<DownloadSummary> Download(BlobStore& store, const std::filesystem::path& directory,
                                 const std::vector<WantedFile>& files,
                                 const std::function<void(uint64_t, uint64_t)>& advanced, const std::stop_token& stop) {
  SESHAT_ASSIGN(TargetDirectory target, TargetDirectory::Open(directory));
  DownloadFeed feed(target, files, advanced);
  store.GetAll(feed, stop);
  DownloadSummary summary = feed.Take();
  const uint64_t there = summary.fetched + summary.kept;
  // The store may have ended between two files, which leaves no file that failed.
  if (stop.stop_requested() && there < files.size())
    return Fail(ErrorCode::kCancelled,
                fmt::format("stopped with {} of {} files there: the same command again goes on from here", there,
                            files.size()));
  return summary;
}

DownloadSummary Verify(BlobStore& store, const std::vector<WantedFile>& files,
                       const std::function<void(uint64_t, uint64_t)>& advanced, std::stop_token stop) {
  VerifyFeed feed(files, advanced);
  store.GetAll(feed, std::move(stop));
  return feed.Take();
}

}  // namespace seshat::cli
