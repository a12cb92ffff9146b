#include "adapters/memory_download_target/memory_download_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "core/records/blob_key.h"

namespace seshat::memory_download_target {
namespace {

constexpr uint32_t kPermissions = 0777;

class StringSink : public BlobSink {
 public:
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    const std::lock_guard lock(mutex_);
    if (bytes_.size() < offset + data.size()) bytes_.resize(offset + data.size());
    std::ranges::copy(AsText(data), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }
  std::string Take() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  std::mutex mutex_;
  std::string bytes_;
};

class MemoryPartialFile : public PartialFile {
 public:
  MemoryPartialFile(MemoryTargetFiles& files, TargetFile file) : files_(files), file_(std::move(file)) {}
  std::shared_ptr<BlobSink> sink() override { return sink_; }
  Status Finish() override {
    std::string bytes = sink_->Take();
    if (const Sha256 digest = Sha256::Of(AsBytes(bytes)); digest != file_.sha256)
      return Fail(ErrorCode::kDataLoss,
                  fmt::format("its bytes have the SHA-256 {} instead of {}", digest.ToHex(), file_.sha256.ToHex()));
    files_[file_.path] = {std::move(bytes), file_.mode & kPermissions, file_.modified_at};
    return {};
  }

 private:
  MemoryTargetFiles& files_;
  const TargetFile file_;
  std::shared_ptr<StringSink> sink_ = std::make_shared<StringSink>();
};

Status CheckPath(const MemoryTargetFiles& files, std::string_view path) {
  std::string_view rest = path;
  for (bool last = false; !last;) {
    const size_t slash = rest.find('/');
    last = slash == std::string_view::npos;
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == ".." || segment.find('\0') != std::string_view::npos)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is no path within a session", records::EncodePath(path)));
    if (last) break;
    rest.remove_prefix(slash + 1);
    const std::string folder(path.substr(0, path.size() - rest.size() - 1));
    if (files.contains(folder))
      return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no directory", records::EncodePath(folder)));
  }
  return {};
}

class MemoryDownloadTarget : public DownloadTarget {
 public:
  explicit MemoryDownloadTarget(MemoryTargetFiles& files) : files_(files) {}
  Result<std::unique_ptr<PartialFile>> Begin(const TargetFile& file) override {
    SESHAT_TRY(CheckPath(files_, file.path));
    const auto found = files_.find(file.path);
    if (found != files_.end() && Sha256::Of(AsBytes(found->second.bytes)) == file.sha256) {
      found->second.mode = file.mode & kPermissions;
      if (file.modified_at) found->second.modified_at = file.modified_at;
      return nullptr;
    }
    return std::make_unique<MemoryPartialFile>(files_, file);
  }

 private:
  MemoryTargetFiles& files_;
};

}  // namespace

std::unique_ptr<DownloadTarget> MakeMemoryDownloadTarget(MemoryTargetFiles& files) {
  return std::make_unique<MemoryDownloadTarget>(files);
}

}  // namespace seshat::memory_download_target
