#include "adapters/memory_blob_store/memory_blob_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

#include "adapters/memory_blob_store/memory_state.h"

namespace seshat::memory_blob_store {
namespace {

constexpr size_t kMaxAttributeBytes = 2048;  // S3's limit for user metadata

Status CheckRequest(const PutRequest& request, const BlobStore::Capabilities& capabilities) {
  if (!request.body) return Fail(ErrorCode::kInvalidArgument, "a put needs a body");
  if (request.body->size() > capabilities.max_object_bytes)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is larger than this store holds", request.key.value()));
  size_t bytes = 0;
  for (const auto& [name, value] : request.attributes) bytes += name.size() + value.size();
  if (bytes > kMaxAttributeBytes)
    return Fail(ErrorCode::kInvalidArgument, "attributes are limited to 2048 bytes together");
  return {};
}

Error Cancelled() { return {ErrorCode::kCancelled, "stopped"}; }

class MemoryBlobStore : public BlobStore {
 public:
  MemoryBlobStore(std::shared_ptr<MemoryBlobs> blobs, BlobAccess access)
      : blobs_(std::move(blobs)), data_(blobs_->state()), access_(access) {}

  const Capabilities& capabilities() const override { return data_.options.capabilities; }

  void PutAll(PutFeed& feed, std::stop_token stop) override {
    while (!stop.stop_requested()) {
      auto request = feed.Next();
      if (!request) return;
      feed.Done(request->tag, Put(*request, stop));
    }
  }

  Status Abandon(const BlobKey&, std::string_view resume_state) override {
    const std::lock_guard lock(data_.mutex);
    if (const auto upload = ParseState(resume_state)) data_.uploads.erase(*upload);
    return {};
  }

  void GetAll(GetFeed& feed, std::stop_token stop) override {
    while (!stop.stop_requested()) {
      auto request = feed.Next();
      if (!request) return;
      feed.Done(request->tag, Get(*request));
    }
  }

  Result<BlobInfo> Stat(const BlobKey& key) override {
    SESHAT_TRY(CheckMayRead());
    const std::lock_guard lock(data_.mutex);
    SESHAT_ASSIGN(const StoredBlob* blob, Find(key));
    return blob->info;
  }

  Result<ListPage> List(const ListOptions& options) override {
    SESHAT_TRY(CheckMayRead());
    if (options.limit < 1 || options.limit > 1000)
      return Fail(ErrorCode::kInvalidArgument, "a page holds 1 to 1000 entries");
    const std::lock_guard lock(data_.mutex);
    return data_.List(options);
  }

  Status Restore(const BlobKey& key, const RestoreOptions& options) override {
    if (!capabilities().archive) return Fail(ErrorCode::kUnsupported, "this store has no cold storage");
    const std::lock_guard lock(data_.mutex);
    SESHAT_ASSIGN(StoredBlob * blob, Find(key));
    if (blob->info.archive_state == ArchiveState::kArchived) {
      blob->info.archive_state = ArchiveState::kRestoring;
      blob->info.restored_until = data_.now + std::chrono::days(options.days);
    }
    return {};
  }

  std::string Url(const BlobKey& key) const override { return "memory:///" + key.value(); }

 private:
  Status CheckMayRead() const {
    if (access_ == BlobAccess::kReadWrite) return {};
    return Fail(ErrorCode::kPermissionDenied, "this store was opened for writing only");
  }

  Result<StoredBlob*> Find(const BlobKey& key) {
    const auto found = data_.blobs.find(key.value());
    if (found == data_.blobs.end()) return Fail(ErrorCode::kNotFound, fmt::format("no object '{}'", key.value()));
    return &found->second;
  }

  static std::string MakeState(uint64_t upload) { return fmt::format("memory {}", upload); }
  static std::optional<uint64_t> ParseState(std::string_view state) {
    constexpr std::string_view kPrefix = "memory ";
    uint64_t upload = 0;
    if (!state.starts_with(kPrefix)) return std::nullopt;
    const char* end = state.data() + state.size();
    const auto parsed = std::from_chars(state.data() + kPrefix.size(), end, upload);
    return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(upload) : std::nullopt;
  }

  Result<PutOutcome> Put(PutRequest& request, const std::stop_token& stop) {
    SESHAT_TRY(CheckRequest(request, capabilities()));
    uint64_t upload = 0;
    if (request.journal != nullptr) {
      SESHAT_ASSIGN(auto begun, Begin(request));
      if (begun.finished) return *begun.finished;
      upload = begun.upload;
    }
    std::string bytes;
    SESHAT_TRY(Receive(request, upload, stop, bytes));
    return Finish(request, upload, std::move(bytes));
  }

  struct Begun {
    uint64_t upload = 0;
    std::optional<PutOutcome> finished;  // the put had taken effect before
  };
  Result<Begun> Begin(PutRequest& request) {
    Begun begun;
    {
      const std::lock_guard lock(data_.mutex);
      if (request.resume_state.empty()) {
        begun.upload = ++data_.last_upload;
        data_.uploads[begun.upload];
      } else {
        const auto known = ParseState(request.resume_state);
        const auto blob = data_.blobs.find(request.key.value());
        if (blob != data_.blobs.end()) {
          if (!known || blob->second.upload != *known)
            return Fail(ErrorCode::kAlreadyExists,
                        fmt::format("'{}' is taken; nothing was changed", request.key.value()));
          return Begun{.finished = OutcomeOf(blob->second)};
        }
        if (!known || !data_.uploads.contains(*known))
          return Fail(ErrorCode::kNotFound, "this resumable put is not known any more: begin it anew");
        begun.upload = *known;
      }
    }
    SESHAT_TRY(request.journal->SaveState(MakeState(begun.upload)));
    return begun;
  }

  // Reads what the upload does not hold yet, part by part.
  Status Receive(PutRequest& request, uint64_t upload, const std::stop_token& stop, std::string& bytes) {
    if (upload != 0) {
      const std::lock_guard lock(data_.mutex);
      bytes = data_.uploads[upload];
    }
    const uint64_t size = request.body->size();
    while (bytes.size() < size) {
      if (stop.stop_requested()) return std::unexpected(Cancelled());
      const size_t begin = bytes.size();
      bytes.resize(begin + std::min(data_.options.part_bytes, size - begin));
      auto part = std::span(bytes).subspan(begin);
      if (auto read = request.body->ReadAt(begin, std::as_writable_bytes(part)); !read) {
        Drop(upload);
        return read;
      }
      if (upload == 0) continue;
      {
        const std::lock_guard lock(data_.mutex);
        data_.uploads[upload] = bytes;
      }
      SESHAT_TRY(request.journal->SaveState(MakeState(upload)));
    }
    return {};
  }

  Result<PutOutcome> Finish(PutRequest& request, uint64_t upload, std::string bytes) {
    if (auto unchanged = request.body->CheckUnchanged(); !unchanged) {
      Drop(upload);
      return std::unexpected(std::move(unchanged).error());
    }
    StoredBlob blob;
    blob.sha256 = Sha256::Of(AsBytes(bytes));
    if (request.sha256 && *request.sha256 != blob.sha256) {
      Drop(upload);
      return Fail(ErrorCode::kDataLoss,
                  fmt::format("the bytes for '{}' do not have the digest that was announced", request.key.value()));
    }
    if (upload != 0) SESHAT_TRY(request.journal->SaveDigest(blob.sha256));
    blob.upload = upload;
    blob.info = {.key = request.key.value(), .size = bytes.size()};
    if (capabilities().storage_classes) blob.info.storage_class = request.storage_class;
    if (capabilities().attributes) blob.info.attributes = request.attributes;
    blob.bytes = std::move(bytes);
    if (capabilities().archive && blob.info.storage_class == StorageClass::kDeepArchive)
      blob.info.archive_state = ArchiveState::kArchived;
    PutOutcome outcome = OutcomeOf(blob);

    const std::lock_guard lock(data_.mutex);
    data_.uploads.erase(upload);
    SESHAT_TRY(data_.Insert(std::move(blob)));
    if (std::exchange(data_.lose_next_answer, false))
      return Fail(ErrorCode::kUnavailable, "the answer to a put was lost on the way");
    return outcome;
  }

  static PutOutcome OutcomeOf(const StoredBlob& blob) {
    return {.sha256 = blob.sha256, .size = blob.bytes.size(), .storage_class = blob.info.storage_class};
  }

  void Drop(uint64_t upload) {
    const std::lock_guard lock(data_.mutex);
    data_.uploads.erase(upload);
  }

  Result<BlobInfo> Get(GetRequest& request) {
    SESHAT_TRY(CheckMayRead());
    if (!request.sink) return Fail(ErrorCode::kInvalidArgument, "a get needs a sink");
    BlobInfo info;
    std::string bytes;
    {
      const std::lock_guard lock(data_.mutex);
      SESHAT_ASSIGN(const StoredBlob* blob, Find(request.key));
      info = blob->info;
      if (info.archive_state == ArchiveState::kArchived || info.archive_state == ArchiveState::kRestoring)
        return Fail(ErrorCode::kArchived, fmt::format("'{}' is in cold storage: restore it first", info.key));
      if (request.offset > blob->bytes.size())
        return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' ends before that offset", info.key));
      bytes = blob->bytes.substr(request.offset, request.length.value_or(std::numeric_limits<uint64_t>::max()));
    }
    if (!bytes.empty()) SESHAT_TRY(request.sink->WriteAt(0, AsBytes(bytes)));
    return info;
  }

  std::shared_ptr<MemoryBlobs> blobs_;
  MemoryBlobs::State& data_;
  BlobAccess access_;
};

}  // namespace

std::unique_ptr<BlobStore> MakeMemoryBlobStore(std::shared_ptr<MemoryBlobs> blobs, BlobAccess access) {
  return std::make_unique<MemoryBlobStore>(std::move(blobs), access);
}

}  // namespace seshat::memory_blob_store
