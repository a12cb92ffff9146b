#include "services/processing/compare_blob.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

#include "ports/blob_transfer.h"

namespace seshat::processing {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

// Pieces may come in any order and from several threads, so each is compared on its own.
class CompareSink : public BlobSink {
 public:
  explicit CompareSink(std::shared_ptr<BlobSource> ours) : ours_(std::move(ours)) {}

  Status WriteAt(uint64_t offset, ByteSpan theirs) override {
    std::vector<std::byte> piece(std::min(theirs.size(), kPieceBytes));
    while (!theirs.empty()) {
      const size_t size = std::min(theirs.size(), piece.size());
      const MutableByteSpan ours(piece.data(), size);
      if (offset > ours_->size() || size > ours_->size() - offset) return Differ();
      SESHAT_TRY(ours_->ReadAt(offset, ours));
      if (std::memcmp(ours.data(), theirs.data(), size) != 0) return Differ();
      offset += size;
      theirs = theirs.subspan(size);
    }
    return {};
  }

  bool differs() const { return differs_.load(); }

 private:
  Status Differ() {
    differs_.store(true);
    return Fail(ErrorCode::kAlreadyExists, "other bytes lie under this key");
  }

  std::shared_ptr<BlobSource> ours_;
  std::atomic<bool> differs_ = false;
};

}  // namespace

Result<bool> HoldsSameBytes(BlobStore& store, const BlobKey& key, std::shared_ptr<BlobSource> ours,
                            std::stop_token stop) {
  SESHAT_ASSIGN(const BlobInfo info, store.Stat(key));
  if (info.size != ours->size()) return false;
  auto sink = std::make_shared<CompareSink>(std::move(ours));
  const auto got = GetOne(store, GetRequest{.key = key, .sink = sink}, std::move(stop));
  if (sink->differs()) return false;
  if (!got && got.error().code == ErrorCode::kArchived) return false;
  if (!got) return std::unexpected(got.error());
  return true;
}

Result<Sha256> HashSource(BlobSource& source, const std::stop_token& stop) {
  Sha256Hasher hasher;
  std::vector<std::byte> piece(std::min<uint64_t>(source.size(), kPieceBytes));
  for (uint64_t offset = 0; offset < source.size();) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the worker is stopping");
    const MutableByteSpan part(piece.data(), std::min<uint64_t>(piece.size(), source.size() - offset));
    SESHAT_TRY(source.ReadAt(offset, part));
    hasher.Update(part);
    offset += part.size();
  }
  return hasher.Finish();
}

}  // namespace seshat::processing
