#pragma once

#include <memory>
#include <utility>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "conformance/blob_store/blob_store_suite.h"

namespace seshat::testing {

inline memory_blob_store::MemoryBlobOptions SmallMemoryBlobs() {
  memory_blob_store::MemoryBlobOptions options;
  options.capabilities.max_object_bytes = 1ULL << 40;
  return options;
}

class MemoryBlobHarness : public conformance::BlobStoreHarness {
 public:
  explicit MemoryBlobHarness(const memory_blob_store::MemoryBlobOptions& options = SmallMemoryBlobs())
      : part_bytes_(options.part_bytes), blobs_(std::make_shared<memory_blob_store::MemoryBlobs>(options)) {}

  std::unique_ptr<BlobStore> Open(BlobAccess access) override {
    return memory_blob_store::MakeMemoryBlobStore(blobs_, access);
  }
  uint64_t part_bytes() const override { return part_bytes_; }
  bool LoseNextAnswer() override {
    blobs_->LoseNextAnswer();
    return true;
  }
  bool Archive(const BlobKey& key) override { return blobs_->Archive(key).has_value(); }
  bool FinishRestores() override {
    blobs_->FinishRestores();
    return true;
  }

 private:
  uint64_t part_bytes_;
  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs_;
};

}  // namespace seshat::testing
